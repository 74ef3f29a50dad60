import {
  Button,
  Content,
  Modal,
  ModalBody,
  ModalHeader,
  Toolbar,
  ToolbarContent,
  ToolbarGroup,
  ToolbarItem,
} from "@patternfly/react-core";
import { type KeyboardEvent, useState } from "react";
import { formatBytes } from "../../components/format.tsx";
import { WholeImage } from "./image.tsx";

type Shown = { n: number; bytes: number };
type Viewer = { eventId: string; images: readonly Shown[]; first: number; onClose(): void };

const zooms = [0.25, 0.5, 1, 2, 4] as const;

/** The images of an event one by one, in the window or larger. Arrow keys lead on, + and - zoom. */
export function ImageViewer({ eventId, images, first, onClose }: Viewer) {
  const [index, setIndex] = useState(() =>
    Math.max(
      0,
      images.findIndex(({ n }) => n === first),
    ),
  );
  const [zoom, setZoom] = useState<number | null>(null);
  const image = images[index]!;
  const go = (by: number): void => setIndex(Math.min(images.length - 1, Math.max(0, index + by)));
  const scale = (by: number): void => {
    const at = zooms.indexOf((zoom ?? 1) as (typeof zooms)[number]);
    setZoom(zooms[Math.min(zooms.length - 1, Math.max(0, at + by))]!);
  };
  const acts = new Map([
    ["ArrowLeft", () => go(-1)],
    ["ArrowRight", () => go(1)],
    ["+", () => scale(1)],
    ["-", () => scale(-1)],
    ["0", () => setZoom(null)],
  ]);
  // Where a larger image is scrolled, arrows scroll.
  const hear = (event: KeyboardEvent): void => {
    if (zoom !== null && event.key.startsWith("Arrow")) return;
    acts.get(event.key)?.();
  };
  return (
    <Modal isOpen width="90vw" aria-labelledby="image-title" onClose={onClose} onKeyDown={hear}>
      <ModalHeader title={`Image ${index + 1} of ${images.length}`} labelId="image-title" />
      <ModalBody>
        <Toolbar aria-label="Look at the image">
          <ToolbarContent>
            <ToolbarGroup>
              <ToolbarItem>
                <Button variant="secondary" isDisabled={index === 0} onClick={() => go(-1)}>
                  Previous
                </Button>
              </ToolbarItem>
              <ToolbarItem>
                <Button variant="secondary" isDisabled={index === images.length - 1} onClick={() => go(1)}>
                  Next
                </Button>
              </ToolbarItem>
            </ToolbarGroup>
            <ToolbarGroup>
              <ToolbarItem>
                <Button variant="secondary" isDisabled={zoom === zooms[0]} onClick={() => scale(-1)}>
                  Smaller
                </Button>
              </ToolbarItem>
              <ToolbarItem>
                <Button variant="secondary" isDisabled={zoom === zooms.at(-1)} onClick={() => scale(1)}>
                  Larger
                </Button>
              </ToolbarItem>
              <ToolbarItem>
                <Button variant="secondary" isDisabled={zoom === null} onClick={() => setZoom(null)}>
                  Fit
                </Button>
              </ToolbarItem>
            </ToolbarGroup>
            <ToolbarItem alignSelf="center">
              <Content component="small" aria-live="polite">
                {zoom === null ? "fitted" : `${zoom * 100} %`}, {formatBytes(image.bytes)}
              </Content>
            </ToolbarItem>
          </ToolbarContent>
        </Toolbar>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
        <div className="ls-viewer" tabIndex={0}>
          <WholeImage key={image.n} eventId={eventId} n={image.n} zoom={zoom} />
        </div>
      </ModalBody>
    </Modal>
  );
}
