/**
 * What people take for a password: words, names, keyboard walks. A password that is one or two of these with digits and signs
 * around is known to every guesser. Kept here, since the appliance asks nobody outside.
 */
export const COMMON_WORDS: ReadonlySet<string> = new Set(
  `password passwort passphrase passcode passw0rd motdepasse contrasena kennwort geheim secret topsecret welcome willkommen
  bienvenue letmein letmeinnow openup opensesame login logon signin access admin administrator root superuser sysadmin operator
  supervisor manager guest visitor user username default changeme changemenow change temp temporary temppass test testing tester
  demo sample example trial master mastermind company office work service support helpdesk security secure computer internet
  network server system database backup cisco oracle windows microsoft google apple samsung huawei android iphone facebook
  instagram linkedin youtube twitter amazon netflix spotify
  qwerty qwertyuiop qwertz qwertzuiop azerty azertyuiop asdf asdfgh asdfghjkl zxcv zxcvbn zxcvbnm yxcvbnm qazwsx qazwsxedc
  wsxedc edcrfv qweasd qweasdzxc asdzxc poiuytrewq lkjhgfdsa mnbvcxz
  iloveyou loveyou iloveu love lovely lover forever always sweetheart darling honey baby babygirl babyboy princess prince queen
  king angel angels heaven jesus christ god blessed faith hope trust freedom peace happy happiness smile sunshine sunny sunset
  rainbow flower flowers rose daisy lily orchid butterfly summer winter spring autumn sommer herbst monday tuesday wednesday
  thursday friday saturday sunday january february march april june july august september october november december januar
  februar oktober dezember
  monkey dragon tiger lion eagle falcon phoenix panther wolf bear horse mustang turtle dolphin shark snake spider kitty kitten
  puppy doggy buster chicken banana orange cherry apple strawberry chocolate cookie coffee cheese pepper ginger vanilla
  football baseball basketball hockey soccer tennis golf racing ferrari porsche mercedes corvette harley yamaha honda toyota
  liverpool chelsea arsenal manchester barcelona juventus bayern dortmund realmadrid yankees lakers cowboys steelers
  superman batman spiderman ironman pokemon pikachu starwars skywalker startrek gandalf matrix hunter killer ninja samurai
  warrior soldier shadow ghost demon lucifer hacker wizard magic merlin legend hero phantom thunder storm lightning hammer
  diamond silver golden crystal purple yellow black white green blue red orange money dollar million lucky winner success power
  michael jordan daniel david thomas robert william richard charles george james john peter martin andreas stefan christian
  alexander maximilian michelle jessica jennifer amanda ashley nicole sarah maria laura anna julia sandra sabine claudia monika
  charlie maggie sophie jasmine samantha elizabeth victoria patricia barbara andrea
  london paris berlin munich vienna zurich geneva newyork chicago boston dallas texas california florida america england
  germany deutschland schweiz austria france italia espana canada australia
  abc abcd abcde abcdef abcdefgh abcdefghijkl letme please hello goodbye whatever nothing something anything everything computer
  fuckyou fuckoff asshole bitch sexy hottie pussy
  correcthorsebatterystaple trustno1 aaaaaa zzzzzz monkey123 gate camera ledger ledgerstone appliance`.split(/\s+/),
);
