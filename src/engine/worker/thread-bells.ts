import type { ControlLayout } from "../../memory/control-layout.ts";
import { Doorbell } from "../../memory/doorbell.ts";
import { RoomWanted } from "../../memory/room-wanted.ts";

/** What wakes a thread. */
export interface ThreadBells {
  readonly doorbell: Doorbell;
  readonly roomWanted: RoomWanted;
}

export function threadBells(control: Int32Array, layout: ControlLayout, thread: number): ThreadBells {
  return {
    doorbell: new Doorbell(control, layout.doorbellWord(thread)),
    roomWanted: new RoomWanted(control, layout.roomWantedWord(thread)),
  };
}
