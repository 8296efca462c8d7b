/*
 * A thread dies, and everybody moves to new memory: a spout, a bolt whose thread may die between any two steps, a sink
 * that survives, and the main thread, which replaces who died. Old memory is never used again, so nothing in it needs
 * mending: each survivor moves at the top of its loop, drops what it had, and says so; the spout fails all that was
 * pending. What is still written into old memory is read by nobody.
 *
 * Shown: each id settles once and all of them do; what is acked was processed.
 */
#ifndef BUG
#define BUG 0
#endif
#define IDS 3
#define SLOTS 2
#define EPOCHS 3
#define ACKED 1
#define LOST 2

chan toBolt[EPOCHS] = [SLOTS] of { byte, byte };   /* slot, id */
chan toSink[EPOCHS] = [SLOTS] of { byte, byte };
chan zeros[EPOCHS] = [4] of { byte };              /* slot */

byte epoch = 0;
byte confirmed = 2;
bool mayEmit = true, isBoltAlive = true, isOver = false;
byte deaths = 0;
byte outcome[IDS];
bool wasProcessed[IDS];

inline settle(id, how) {
  assert(outcome[id] == 0);
  assert(how == LOST || wasProcessed[id]);
  outcome[id] = how
}

#define memory(e) (BUG == 2 -> 0 : e)

proctype Spout() {
  byte mine = 0, next = 0, slot, free;
  byte idIn[SLOTS], isUsed[SLOTS];
  do
  :: epoch != mine ->
     d_step {
       slot = 0;
       do
       :: slot == SLOTS -> break
       :: else ->
          if
          :: isUsed[slot] && BUG != 3 -> settle(idIn[slot], LOST); isUsed[slot] = false
          :: else
          fi;
          slot++
       od;
       slot = 0;
       mine = epoch;
       confirmed++
     }
  :: epoch == mine && mayEmit && next < IDS && !(isUsed[0] && isUsed[1]) ->
     d_step { free = (isUsed[0] -> 1 : 0); idIn[free] = next; isUsed[free] = true };
     toBolt[memory(mine)]!free,next;
     next++
  :: zeros[memory(mine)]?slot ->
     if
     :: isUsed[slot] -> settle(idIn[slot], ACKED); isUsed[slot] = false
     :: else
     fi
  :: BUG == 4 && mine > 0 && zeros[mine - 1]?[slot] ->   /* still reads what it gave up */
     zeros[mine - 1]?slot;
     settle(idIn[slot], ACKED)
  :: epoch == mine && next == IDS && !isUsed[0] && !isUsed[1] && confirmed >= 2 -> break
  od;
  isOver = true;
  assert(outcome[0] != 0 && outcome[1] != 0 && outcome[2] != 0)
}

/* Lives and dies in one epoch, or is told that there is a new one. */
proctype Bolt(byte mine) {
  byte slot, id;
end:
  do
  :: deaths < EPOCHS - 1 && !isOver && epoch == mine -> d_step { deaths++; isBoltAlive = false }; break
  :: toBolt[memory(mine)]?slot,id -> toSink[memory(mine)]!slot,id
  od
}

proctype Sink() {
  byte mine = 0, slot, id, seen;
end:
  do
  :: epoch != mine -> d_step { mine = epoch; confirmed++ }
  :: toSink[memory(mine)]?slot,id ->
     seen = mine;
     wasProcessed[id] = true;          /* takes its time: main may go on meanwhile */
     if
     :: BUG == 1 -> zeros[memory(epoch)]!slot
     :: else -> zeros[memory(seen)]!slot
     fi
  od
}

proctype Main() {
end:
  do
  :: !isBoltAlive && !isOver ->
     d_step { mayEmit = false; confirmed = 0; epoch++; isBoltAlive = true };
     run Bolt(epoch);
     confirmed == 2 || isOver;
     mayEmit = true
  od
}

init { atomic { run Spout(); run Bolt(0); run Sink(); run Main() } }
