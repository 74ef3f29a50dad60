/* Sends one event over mutual TLS and MQTT 5 and waits for its receipt.
 *
 *   cc -O2 -Wall -Wextra -o send_event send_event.c -lmosquitto -lcrypto
 *   ./send_event HOST PORT DEVICE-UUID trust.pem certificate.pem key.pem
 *
 * Exit: 0 stored, 1 rejected, 2 could not send or no receipt.
 *
 * A real device keeps the event on its disk until the receipt has come, keeps its outbox uuid for the life of that disk,
 * counts seq on, and sends the same bytes again after 30 seconds without a receipt. This sample begins a new outbox with
 * each run, so its one event is always number 1.
 */
#include <mosquitto.h>
#include <mqtt_protocol.h>
#include <mqtt_protocol.h>
#include <openssl/rand.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { STORED = 0, REJECTED = 1, FAILED = 2, WAITING = 3 };

struct sending {
  char topic[80], receipts[80], outbox[37], id[37], message[512];
  int result;
};

/* RFC 9562: version 7 has 48 bits of milliseconds first, version 4 none; both else random. */
static int make_uuid(char out[37], int version, const struct timespec *now) {
  unsigned char b[16];
  if (RAND_bytes(b, sizeof b) != 1) return 0;
  if (version == 7) {
    uint64_t ms = (uint64_t)now->tv_sec * 1000 + (uint64_t)now->tv_nsec / 1000000;
    for (int i = 5; i >= 0; i--, ms >>= 8) b[i] = (unsigned char)ms;
  }
  b[6] = (unsigned char)((b[6] & 0x0f) | version << 4);
  b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
  snprintf(out, 37, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0], b[1], b[2], b[3],
           b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15]);
  return 1;
}

static int make_event(struct sending *s) {
  struct timespec now;
  struct tm utc;
  char seconds[32];
  clock_gettime(CLOCK_REALTIME, &now);
  gmtime_r(&now.tv_sec, &utc);
  strftime(seconds, sizeof seconds, "%Y-%m-%dT%H:%M:%S", &utc);
  if (!make_uuid(s->outbox, 4, &now) || !make_uuid(s->id, 7, &now)) return 0;
  snprintf(s->message, sizeof s->message,
           "{\"id\":\"%s\",\"kind\":\"temperature.reading\",\"occurred\":\"%s.%06ldZ\",\"outbox\":\"%s\",\"seq\":1,"
           "\"body\":{\"sensor\":\"T1\",\"celsius\":21.5}}",
           s->id, seconds, now.tv_nsec / 1000, s->outbox);
  return 1;
}

static void on_connect(struct mosquitto *m, void *of, int code, int flags, const mosquitto_property *properties) {
  struct sending *s = of;
  (void)flags;
  (void)properties;
  if (code != 0) {
    fprintf(stderr, "the broker refused: %s\n", mosquitto_reason_string(code));
    s->result = FAILED;
    return;
  }
  mosquitto_subscribe_v5(m, NULL, s->receipts, 1, 0, NULL);
}

/* With Payload Format Indicator 1, the mark of MQTT 5: the appliance drops what comes without it. */
static int publish_event(struct mosquitto *m, struct sending *s) {
  mosquitto_property *utf8 = NULL;
  int code = mosquitto_property_add_byte(&utf8, MQTT_PROP_PAYLOAD_FORMAT_INDICATOR, 1);
  if (code == MOSQ_ERR_SUCCESS)
    code = mosquitto_publish_v5(m, NULL, s->topic, (int)strlen(s->message), s->message, 1, 0, utf8);
  mosquitto_property_free_all(&utf8);
  return code;
}

/* Published only now: a receipt that comes before the subscription would be lost. */
static void on_subscribe(struct mosquitto *m, void *of, int mid, int count, const int *granted,
                         const mosquitto_property *properties) {
  struct sending *s = of;
  (void)mid;
  (void)properties;
  if (count < 1 || granted[0] >= 128 || publish_event(m, s) != MOSQ_ERR_SUCCESS) {
    fprintf(stderr, "could not subscribe or publish: is the certificate that of this device?\n");
    s->result = FAILED;
  }
}

/* PUBACK: the broker has it in memory. That is not yet a receipt. */
static void on_publish(struct mosquitto *m, void *of, int mid, int code, const mosquitto_property *properties) {
  struct sending *s = of;
  (void)m;
  (void)mid;
  (void)properties;
  if (code < 128) return;
  fprintf(stderr, "the broker refused the publish: %s\n", mosquitto_reason_string(code));
  s->result = FAILED;
}

/* The receipt is compact JSON. A real device uses a JSON parser; these few fields can be found without one. */
static void on_message(struct mosquitto *m, void *of, const struct mosquitto_message *message,
                       const mosquitto_property *properties) {
  struct sending *s = of;
  char *text = calloc(1, (size_t)message->payloadlen + 1);
  const char *through, *rejects;
  (void)m;
  (void)properties;
  if (!text) return;
  memcpy(text, message->payload, (size_t)message->payloadlen);
  through = strstr(text, "\"through\":");
  rejects = strstr(text, "\"rejects\":[{");
  if (strstr(text, s->outbox) && through && strtoll(through + 10, NULL, 10) >= 1) {
    printf("%s\n", text);
    s->result = rejects && strstr(rejects, s->id) ? REJECTED : STORED;
  }
  free(text);
}

static int run(struct sending *s, char **args) {
  struct mosquitto *m = mosquitto_new(args[3], true, s);
  time_t until = time(NULL) + 60;
  int code;
  if (!m) return FAILED;
  mosquitto_int_option(m, MOSQ_OPT_PROTOCOL_VERSION, MQTT_PROTOCOL_V5);
  mosquitto_connect_v5_callback_set(m, on_connect);
  mosquitto_subscribe_v5_callback_set(m, on_subscribe);
  mosquitto_publish_v5_callback_set(m, on_publish);
  mosquitto_message_v5_callback_set(m, on_message);
  code = mosquitto_tls_set(m, args[4], NULL, args[5], args[6], NULL);
  if (code == MOSQ_ERR_SUCCESS) code = mosquitto_connect_bind_v5(m, args[1], atoi(args[2]), 30, NULL, NULL);
  while (code == MOSQ_ERR_SUCCESS && s->result == WAITING && time(NULL) < until) code = mosquitto_loop(m, 500, 1);
  if (code != MOSQ_ERR_SUCCESS) fprintf(stderr, "no connection: %s\n", mosquitto_strerror(code));
  else if (s->result == WAITING) fprintf(stderr, "no receipt within 60 seconds: send the same event again\n");
  mosquitto_disconnect_v5(m, 0, NULL);
  mosquitto_destroy(m);
  return s->result == WAITING ? FAILED : s->result;
}

int main(int count, char **args) {
  struct sending s = {.result = WAITING};
  int result;
  if (count != 7 || strlen(args[3]) != 36) {
    fprintf(stderr, "usage: %s HOST PORT DEVICE-UUID trust.pem certificate.pem key.pem\n", args[0]);
    return FAILED;
  }
  snprintf(s.topic, sizeof s.topic, "v1/%.36s/up/events", args[3]);
  snprintf(s.receipts, sizeof s.receipts, "v1/%.36s/down/receipts", args[3]);
  if (!make_event(&s)) return FAILED;
  mosquitto_lib_init();
  result = run(&s, args);
  mosquitto_lib_cleanup();
  return result;
}
