/*
 * A ring with one producer and one consumer, both of which park: the consumer when the ring is empty, the producer when
 * it is full. A doorbell is one word: PARKED or AWAKE. Plain writes of frames become visible with the store of TAIL.
 *
 * Shown: every frame arrives once, in order and whole, and nobody sleeps for ever (no invalid end state).
 */
#ifndef BUG
#define BUG 0
#endif
#define FRAMES 4
#define PLACES 2

byte frame[PLACES];
byte head = 0, tail = 0;
bool consumerParked = false, producerParked = false;

/* Wakes whoever parked on a bell: nothing is done in the common case that it is awake. */
inline ring(parked) {
  if
  :: parked -> parked = false
  :: else
  fi
}

proctype Producer() {
  byte seq = 1;
  bool sawParked;
  do
  :: seq > FRAMES -> break
  :: else ->
     do
     :: tail - head < PLACES -> break
     :: else ->
        if
        :: BUG == 4 -> (tail - head >= PLACES) -> producerParked = true      /* no look after saying so */
        :: else ->
           producerParked = true;
           if
           :: tail - head < PLACES -> producerParked = false
           :: else
           fi
        fi;
        !producerParked                                                       /* asleep */
     od;
     if
     :: BUG == 1 -> tail++; frame[(tail - 1) % PLACES] = seq                  /* shown before it is whole */
     :: BUG == 2 -> sawParked = consumerParked; frame[tail % PLACES] = seq; tail++;
        if :: sawParked -> consumerParked = false :: else fi                  /* looked too early */
     :: else -> frame[tail % PLACES] = seq; tail++
     fi;
     if :: BUG != 2 -> ring(consumerParked) :: else fi;
     seq++
  od
}

proctype Consumer() {
  byte expected = 1;
  do
  :: expected > FRAMES -> break
  :: else ->
     if
     :: tail != head ->
        if
        :: BUG == 5 -> head++; assert(frame[(head - 1) % PLACES] == expected) /* given back before it is read */
        :: else -> assert(frame[head % PLACES] == expected); head++
        fi;
        expected++;
        ring(producerParked)
     :: else ->
        if
        :: BUG == 3 -> consumerParked = true                                  /* no look after saying so */
        :: else ->
           consumerParked = true;
           if
           :: tail != head -> consumerParked = false
           :: else
           fi
        fi;
        !consumerParked                                                       /* asleep */
     fi
  od
}

init { atomic { run Producer(); run Consumer() } }
