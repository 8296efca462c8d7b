/*
 * Slots of tuple trees: a live count, a state with a generation, and zombies. Slot 0 is used for TREES0 trees one after
 * the other, slot 1 for TREES1. A tuple may be held, acked late, or (in slot 0) forgotten; a child may belong to both
 * slots' trees.
 *
 * Threads: the spout, which owns the slots; bolt 1 and bolt 2; the acker, which times trees out and spreads the word of
 * failures. Trees that come to zero go from the bolt that finds the zero straight to the spout, each bolt in its own
 * ring; failures go by way of the acker. So the two may be heard of in either order. Of a zero the spout decides, by a
 * look at the state, whether the tree is acked; the acker may fail it between that look and the slot's release, and is
 * then too late.
 *
 * Shown: no tree is acked while a tuple of it lives or after one failed, no slot is reused before its last tuple is
 * gone, each tree ends once, and all of them end.
 */
#ifndef BUG
#define BUG 0
#endif
#ifndef TREES0
#define TREES0 2
#endif
#ifndef TREES1
#define TREES1 0
#endif
#define FREE 0
#define LIVE 1
#define FAILED 2
#define SLOTS 2

int live[SLOTS];
byte state[SLOTS];
byte generation[SLOTS];

chan toBolt1 = [2] of { byte, byte };              /* slot, generation */
chan toBolt2 = [2] of { bool, byte, bool, byte };  /* for each slot: whether the tuple belongs to its tree, generation */
chan zeros1 = [SLOTS] of { byte };
chan zeros2 = [SLOTS] of { byte };
chan failures = [2] of { byte, byte };             /* bolts to acker */
chan told0 = [2] of { byte, byte };                /* acker to spout */
chan told1 = [2] of { byte, byte };                /* acker to bolt 1 */

/* What really is, for the claims. */
int tuples[SLOTS];
bool wasFailed[SLOTS];
bool isSettled[SLOTS];

inline add(delta, slot, zeros) {
  d_step { live[slot] = live[slot] + delta; isZero = (live[slot] == 0) };
  assert(live[slot] >= 0);
  if :: isZero -> isZero = false; zeros!slot :: else fi
}

inline done(slot, zeros) {
  d_step { tuples[slot]-- };
  add(-1, slot, zeros)
}

inline fail(slot, g) {
  d_step {
    if :: generation[slot] == g && state[slot] == LIVE -> wasFailed[slot] = true; state[slot] = FAILED; isWon = true
       :: else -> isWon = false
    fi
  };
  if :: isWon -> isWon = false; failures!slot,g :: else fi
}

inline failLate(slot, g, zeros) {   /* the wrong way round */
  d_step { wasFailed[slot] = true };
  done(slot, zeros);
  fail(slot, g)
}

inline release(slot) {
  d_step {
    assert(state[slot] != FREE);
    assert(tuples[slot] == 0);
    state[slot] = FREE; heardFail[slot] = false; heardZero[slot] = false
  }
}

proctype Spout() {
  byte treesLeft[SLOTS], slot, g, seen;
  bool heardFail[SLOTS], heardZero[SLOTS];
  treesLeft[0] = TREES0; treesLeft[1] = TREES1;
  goto again;
opens:
  treesLeft[slot]--;
  assert(tuples[slot] == 0 && live[slot] == 0);
  d_step { generation[slot]++; isSettled[slot] = false; wasFailed[slot] = false };
  if
  :: BUG == 1 -> toBolt1!slot,generation[slot];   /* handed out before it is counted */
     d_step { tuples[slot] = 1; live[slot] = live[slot] + 1; state[slot] = LIVE }
  :: BUG != 1 ->
     d_step { tuples[slot] = 1; live[slot] = 1; state[slot] = LIVE };
     toBolt1!slot,generation[slot]
  fi;
  goto again;
zero:
  seen = state[slot];
  if
  :: seen == LIVE || BUG == 10 ->
     d_step {
       assert(!isSettled[slot] && tuples[slot] == 0);
       assert(seen != LIVE || !wasFailed[slot]);
       assert(seen == LIVE);
       isSettled[slot] = true
     };
     release(slot)
  :: else ->
     heardZero[slot] = true;
     if :: heardFail[slot] || BUG == 3 -> release(slot) :: else fi
  fi;
again:
  do
  :: treesLeft[0] > 0 && state[0] == FREE -> slot = 0; goto opens
  :: treesLeft[1] > 0 && state[1] == FREE -> slot = 1; goto opens
  :: zeros1?slot -> goto zero
  :: zeros2?slot -> goto zero
  :: told0?slot,g ->
     if
     :: generation[slot] == g && (state[slot] != FREE || BUG == 11) && !heardFail[slot] ->
        assert(!isSettled[slot]); isSettled[slot] = true; heardFail[slot] = true;
        if :: heardZero[slot] || BUG == 2 -> release(slot) :: else fi
     :: else
     fi
  :: treesLeft[0] + treesLeft[1] == 0 && state[0] == FREE && state[1] == FREE -> break
  od;
  assert((TREES0 == 0 || isSettled[0]) && (TREES1 == 0 || isSettled[1]));
over: skip
}

proctype Bolt1() {
  byte slot, g, heldGeneration[SLOTS];
  bool holds[SLOTS], isForgotten[SLOTS], isZero, isWon, hasEmitted;
end:
  do
  :: told1?slot,g ->                                /* strikes a failed tree off what is open */
     if
     :: holds[slot] && (heldGeneration[slot] == g || BUG == 8) ->
        holds[slot] = false; assert(state[slot] == FAILED || BUG == 1 || BUG == 2);
        if :: BUG != 6 -> done(slot, zeros1) :: else -> d_step { tuples[slot]-- } fi
     :: else
     fi
  :: toBolt1?slot,g ->
     if
     :: state[slot] != LIVE -> done(slot, zeros1)   /* of a dead tree: settled without being executed */
     :: state[slot] == LIVE ->
        if
        :: true -> done(slot, zeros1)
        :: !hasEmitted ->                           /* a child, and the ack later */
           hasEmitted = true;
           d_step { tuples[slot]++ };
           if :: BUG == 4 -> toBolt2!(slot == 0),g,(slot == 1),g; add(1, slot, zeros1)
              :: BUG != 4 -> add(1, slot, zeros1); toBolt2!(slot == 0),g,(slot == 1),g
           fi;
           done(slot, zeros1)
        :: true ->
           if :: BUG == 5 -> failLate(slot, g, zeros1)
              :: BUG != 5 -> fail(slot, g); done(slot, zeros1)
           fi
        :: true ->
           if :: slot == 0 -> isForgotten[slot] = true :: isForgotten[slot] = false fi;
           holds[slot] = true; heldGeneration[slot] = g
        fi
     fi
  :: holds[0] && holds[1] && !hasEmitted ->         /* a child of both trees */
     hasEmitted = true;
     d_step { tuples[0]++; tuples[1]++ };
     add(1, 0, zeros1);
     if :: BUG != 7 -> add(1, 1, zeros1) :: else fi;
     toBolt2!true,heldGeneration[0],true,heldGeneration[1]
  :: holds[0] && !isForgotten[0] -> holds[0] = false; done(0, zeros1)
  :: holds[1] && !isForgotten[1] -> holds[1] = false; done(1, zeros1)
  od
}

proctype Bolt2() {
  byte g0, g1;
  bool of0, of1, isZero, isWon, fails;
end:
  do
  :: toBolt2?of0,g0,of1,g1 ->
     if :: fails = true :: fails = false fi;
     if :: fails && of0 -> fail(0, g0) :: else fi;
     if :: fails && of1 -> fail(1, g1) :: else fi;
     if :: of0 -> done(0, zeros2) :: else fi;
     if :: of1 -> done(1, zeros2) :: else fi
  od
}

proctype Acker() {
  byte slot, g;
  bool isWon, isAfter;
end:
  do
  :: failures?slot,g -> told0!slot,g; told1!slot,g
  :: !isAfter && state[0] == LIVE && live[0] > 0 -> d_step { slot = 0; g = generation[0]; isAfter = true }
  :: isAfter ->                                     /* some time later: it may be gone by now */
     isAfter = false;
     d_step {
       if
       :: state[slot] == LIVE && (generation[slot] == g || BUG == 9) ->
          assert(generation[slot] == g);
          state[slot] = FAILED; isWon = true
       :: else -> isWon = false
       fi
     };
     if :: isWon -> told0!slot,g; told1!slot,g :: else fi
  od
}

init { atomic { run Spout(); run Bolt1(); run Bolt2(); run Acker() } }
