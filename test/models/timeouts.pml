/*
 * A pending tree whose time is up: the acker asks both threads how many of its tuples their tasks hold, and gives it up
 * only when these are all that live, and nothing has moved since. A tuple that waits in a queue is not late.
 *
 * Time is a flag: `isQuiet` comes up whenever nothing has moved for long enough, and any progress takes it down.
 *
 * Shown: no tree is given up while a tuple of it waited in a queue all the time that the acker asked, or after it has
 * moved; no inquiry is mixed up with the one before; every tree ends, whoever forgets its tuples.
 */
#ifndef BUG
#define BUG 0
#endif
#define LIVE 1
#define ACKED 2
#define FAILED 3

int live = 1;
byte state = LIVE;
bool isQuiet = false;

chan queue = [2] of { bool };            /* tuples on their way to bolt 2 */
chan ask1 = [2] of { byte };             /* round */
chan ask2 = [2] of { byte };
chan answers = [4] of { byte, byte };    /* round, how many are held */
chan told1 = [1] of { bit };
chan told2 = [1] of { bit };

bool isAsking = false, hasMoved = false;

/* For the claim. */
byte waited = 0;                         /* tuples in the queue since the acker asked */

/* A net delta reaches the shared count, which is progress even when it is zero. */
inline add(delta) {
  d_step {
    live = live + delta;
    isQuiet = false;
    hasMoved = true;
    assert(live >= 0)
  }
}

proctype Bolt1() {
  byte round, children = 0;
  bool holds = true, isForgotten = false;
  if :: isForgotten = true :: isForgotten = false fi;
end:
  do
  :: ask1?round -> answers!round,(holds -> 1 : 0)
  :: told1?_ -> if :: holds && BUG != 5 -> holds = false; add(-1) :: else fi
  :: holds && children < 2 && state == LIVE -> children++; add(1); queue!true
  :: holds && !isForgotten -> holds = false; add(-1)
  od
}

proctype Bolt2() {
  byte round, held = 0;
end:
  do
  :: ask2?round ->
     if
     :: BUG == 3 -> answers!round,(held + len(queue))     /* counts what waits as held */
     :: else -> answers!round,held
     fi
  :: told2?_ -> if :: held > 0 -> add(-held); held = 0 :: else fi
  :: atomic { queue?_ -> waited = (waited > 0 -> waited - 1 : 0) };
     if
     :: state == FAILED -> add(-1)                         /* settled without being executed */
     :: state != FAILED ->
        if
        :: add(-1)
        :: held++                                          /* and is forgotten */
        fi
     fi
  od
}

proctype Acker() {
  byte round = 0, answered = 0, held = 0, count, ofRound;
  bool wasQueued = false;
end:
  do
  :: state == LIVE && live > 0 && isQuiet && !isAsking ->
     if
     :: BUG == 1 -> state = FAILED; told1!1; told2!1; assert(len(queue) == 0)
     :: else ->
        d_step { isAsking = true; round = 1 - round; answered = 0; held = 0; hasMoved = false; waited = len(queue) };
        ask1!round; ask2!round
     fi
  :: answers?ofRound,count ->
     assert(ofRound == round);
     d_step { answered++; held = held + count };
     if
     :: answered < 2 && BUG != 4 -> skip
     :: else ->
        d_step {
          if
          :: state != LIVE || live == 0 || (BUG != 2 && hasMoved) || !isQuiet -> wasQueued = false
          :: else ->
             if
             :: held < live -> wasQueued = true; isQuiet = false
             :: held >= live && wasQueued -> wasQueued = false; isQuiet = false
             :: else ->
                assert(waited == 0);
                assert(!hasMoved);
                state = FAILED
             fi
          fi;
          isAsking = false
        };
        if :: state == FAILED -> told1!1; told2!1 :: else fi
     fi
  :: state == ACKED -> break
  od
}

proctype Clock() {
end:
  do
  :: !isQuiet && state == LIVE -> isQuiet = true
  :: state != LIVE -> break
  od
}

proctype Spout() {
  live == 0;                                               /* the slot comes back, whatever the acker has in mind */
  d_step { if :: state == LIVE -> state = ACKED :: else fi }
}

init { atomic { run Spout(); run Bolt1(); run Bolt2(); run Acker(); run Clock() } }
