/** The conductor's notes on the timeline: a small sign where each was sent, on its part's row or the ruler. */
import type { VNode } from "preact";
import { sentDuring, textOf, titleOf } from "../model/notes";
import type { Note } from "../model/take";
import type { State } from "../state";
import type { Viewport } from "../viewport";
import { type Lanes, RULER_HEIGHT } from "./place";
import type { Canvas, NoteMark, Scene } from "./scene";
import { bubble } from "./signs";

export const MARK = { width: 13, height: 10 } as const;

interface Marked extends NoteMark {
  readonly note: Note;
}

/** The notes of a take that came while it was on, where they are to be drawn. */
export function marksOf({ score, take, shown }: State): Marked[] {
  if (!take) return [];
  const { rows } = shown.peek();
  return sentDuring(score, take).flatMap(({ note, at, until }) => {
    let row = note.to === "all" ? null : rows.findIndex(({ key }) => key === note.to);
    // to an item of a section that is folded
    if (row === -1) row = rows.findIndex(({ part }) => part === note.to.replace(/\[\d+\]$/, ""));
    return row === -1 ? [] : { note, at, until, row };
  });
}

/** The left and upper edge of a mark: it ends where the note was sent, and what it cut. */
export function placeMark(
  { at, row }: NoteMark,
  view: Viewport,
  top: number,
  lanes: Lanes,
): { x: number; y: number } {
  const x = view.x(at);
  const near = x >= 0 && x < MARK.width ? 0 : x - MARK.width;
  return { x: near, y: row === null ? RULER_HEIGHT - MARK.height - 1 : lanes.top(row) - top + 1 };
}

export function drawNotes(canvas: Canvas, scene: Scene, onRuler: boolean): void {
  const { notes, view, playhead, top, lanes, ink } = scene;
  for (const mark of notes) {
    if (mark.at > playhead || (mark.row === null) !== onRuler) continue;
    const { x, y } = placeMark(mark, view, top, lanes);
    if (x + MARK.width < 0 || x > view.width) continue;
    bubble(canvas, x, y, MARK.width - 1, MARK.height - 1, ink, mark.until <= playhead);
  }
}

/** What a pointer finds over the signs: the note's text, and with a click the note in the list. */
export function NoteMarks({ state, onRuler }: { readonly state: State; readonly onRuler: boolean }) {
  const { at } = state.shown.value;
  const view = state.view.value;
  const lanes = state.lanes.value;
  const { score } = state;
  return (
    <>
      {marksOf(state).flatMap((mark): VNode[] => {
        if (mark.at > at || (mark.row === null) !== onRuler) return [];
        const { x, y } = placeMark(mark, view, 0, lanes);
        if (x + MARK.width < 0 || x > view.width) return [];
        const dropped = mark.until <= at ? ", dropped" : "";
        return [
          <span
            key={`${mark.note.note} ${mark.at}`}
            class="sk-mark"
            aria-hidden="true"
            title={`${titleOf(mark.note)} to ${mark.note.to}${dropped}: ${textOf(score, mark.note)}`}
            style={{
              left: `${x}px`,
              top: `${y}px`,
              width: `${MARK.width}px`,
              height: `${MARK.height + 4}px`,
            }}
            onClick={(event) => {
              event.stopPropagation();
              state.openNote(mark.note.note, dropped ? mark.at : null);
            }}
          />,
        ];
      })}
    </>
  );
}
