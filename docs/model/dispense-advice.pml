/*
 * The dispense–advice protocol, for one withdrawal: who may do what, in which order, whoever dies in between. docs/model/README.md
 * explains it and links every step to the code. Each -DNO_… takes one protection away; the model must fail then.
 *
 * Whatever is `atomic` is one transaction of one database, or one act of the dispenser. Everything else may be interleaved, and any
 * replica may die, or freeze and go on later, between any two steps. Each `assert` is named by the comment behind it.
 */
#define REPLICAS 2
/* How often the customer's request is driven: the first time, and a retry. */
#define TRIES 2
/* Copies of one advice, or of its answers, that are on the channel at the same time. */
#define COPIES 2
/* In all: deaths of replicas, and copies that the channel loses or repeats or that are sent again before their time. */
#ifndef FAULTS
#define FAULTS 3
#endif

mtype:withdrawal = { asked, authorising, dispensing, dispensed, reversing, suspense, settled, reversed, declined };
mtype:record = { blank, gave, gave_nothing, unclear, voided };
mtype:authorisation = { absent, held, refused, completed, undone, suspended };
mtype:reply = { approved, denied, silence };

/* Advices, as indices of `copies`. */
#define NO_ADVICE 0
#define COMPLETION 1
#define REVERSAL 2
#define SUSPENSE 3

/* The terminals' database. */
mtype:withdrawal w = asked; /* no row yet */
bool stood_in = false;
byte queued = NO_ADVICE; /* transmission queue */
bool answered = false;

/* The dispenser: a device with a memory of its own, and notes. */
mtype:record record = blank;
byte notes_out = 0;

/* The account host's database. The account has one amount, enough for one withdrawal. */
mtype:authorisation auth = absent;
bool approved_once = false; /* its response code, which a repeat answers again */
bool in_inbox = false;
short balance = 1;
byte reserved = 0;
byte resolved = 0;
byte posted = 0;

/* On their way. What is here may be lost, repeated and overtaken. */
byte copies[4];
byte answers = 0;
byte late_requests = 0; /* authorisations that their replica no longer waits for */

byte tries = 0;
byte faults = 0;

#define IS_NOTHING(state) (state == blank || state == gave_nothing || state == voided)
#define IS_DRIVEN(state) (state == authorising || state == dispensing)

/* At every step of the host. */
inline check_account() {
  assert(balance - reserved >= 0 || stood_in); /* no balance is promised twice, but by stand-in */
  assert(posted <= 1);                         /* posted at most once */
  assert(resolved <= 1)                        /* a hold resolves once */
}

/* Idempotent by the withdrawal's id. */
inline host_authorises(reply) {
  if
  :: auth == absent && balance - reserved >= 1 ->
#ifdef NO_HOLD
    skip;
#else
    auth = held;
    reserved++;
#endif
    approved_once = true;
    reply = approved
  :: auth == absent && balance - reserved < 1 -> auth = refused; reply = denied
  :: auth == undone -> reply = denied
  :: auth != absent && auth != undone -> reply = (approved_once -> approved : denied)
  fi;
  check_account()
}

inline release() {
  if
  :: auth == held || auth == suspended -> reserved--; resolved++
  :: else
  fi
}

/* An advice is a fact and never declined; one that comes again changes nothing. */
inline ledger_posts(advice) {
  if
#ifndef NO_LEDGER_KEY
  :: auth == completed || auth == undone
  :: advice == SUSPENSE && auth == suspended
#endif
  :: else ->
    if
    :: advice == COMPLETION ->
      assert(record == gave); /* what is posted was dispensed */
      release();
      posted++;
      balance--;
      auth = completed
    :: advice == REVERSAL ->
      assert(IS_NOTHING(record)); /* what was dispensed is not reversed */
      release();
#ifdef NO_TOMBSTONE
      if
      :: auth != absent -> auth = undone
      :: else
      fi
#else
      auth = undone
#endif
    :: advice == SUSPENSE ->
      assert(record == unclear); /* in suspense is what the dispenser cannot tell */
      reserved = (auth == held -> reserved : reserved + 1);
      auth = suspended
    fi
  fi;
  check_account()
}

/* Gives the notes, unless the id was dispensed or called off before; tells what is recorded. */
inline dispenser_gives() {
  if
#ifndef NO_RECORD
  :: record != blank
#endif
  :: else ->
    assert(IS_DRIVEN(w));             /* what is dispensed was intended */
    assert(stood_in || auth == held); /* what is dispensed is held, or stands in */
    if
    :: record = gave; notes_out++
    :: record = gave_nothing
    :: record = unclear; notes_out++
    :: record = unclear
    fi
  fi;
  outcome = record;
  assert(notes_out <= 1) /* the notes come out at most once */
}

/* Calls the id off: tells what is recorded, or makes sure that nothing ever is given. */
inline dispenser_voids() {
  if
  :: record != blank -> outcome = record
#ifdef NO_VOID
  :: else -> outcome = voided
#else
  :: else -> record = voided; outcome = voided
#endif
  fi
}

/* In the transaction of the outcome. */
inline queue_advice(advice) {
#ifndef NO_OUTBOX
  queued = advice;
#endif
  mine = advice
}

inline put_on_channel(advice) {
  if
  :: copies[advice] < COPIES -> copies[advice]++
  :: else
  fi
}

inline may_crash() {
  if
  :: faults < FAULTS -> faults++; goto idle
  :: skip
  fi
}

#ifdef NO_CAS
#define STILL(state) true
#else
#define STILL(state) (w == state)
#endif

inline commit_outcome() {
  if
  :: STILL(authorising) || STILL(dispensing) ->
    if
    :: outcome == gave -> w = dispensed; queue_advice(COMPLETION)
    :: outcome == gave_nothing || outcome == voided -> w = reversing; queue_advice(REVERSAL)
    :: outcome == unclear -> w = suspense; queue_advice(SUSPENSE)
    fi
  :: else /* another replica was first */
  fi;
  seen = w
}

/* A replica of atm-terminal: drives the request that wants the cash, or recovers what nobody drives any more. Keeps nothing. */
active [REPLICAS] proctype Replica() {
  mtype:withdrawal seen;
  mtype:reply reply;
  mtype:record outcome;
  byte mine; /* the advice that this replica has committed and relays */

end_idle:
idle:
  atomic {
    IS_DRIVEN(w) || (w == asked && tries < TRIES) -> /* the sweep looks for the driven; the request knows its own */
    reply = silence;
    outcome = blank;
    mine = NO_ADVICE;
    if
    :: tries < TRIES -> tries++; seen = w; goto drive
    :: IS_DRIVEN(w) -> seen = w; goto recover
    fi
  };

drive:
#ifdef NO_INTENT
  atomic {
    host_authorises(reply);
    if
    :: reply == approved -> dispenser_gives()
    :: else
    fi
  };
#endif
  atomic { /* the intent, with the withdrawal's row */
    if
    :: w == asked -> w = authorising
    :: else
    fi;
    seen = w
  };
  may_crash();
  if
  :: seen == dispensing -> goto dispense
  :: !IS_DRIVEN(seen) -> goto relay /* another replica was faster */
  :: else
  fi;
  atomic { /* the call may be lost, its answer may be lost, or it may arrive when nobody waits any more */
    if
    :: host_authorises(reply)
    :: host_authorises(reply); reply = silence
    :: late_requests++
    :: skip
    fi
  };
  may_crash();
  if
  :: reply == approved -> goto dispense /* known to this replica alone */
  :: reply == denied ->
    atomic {
      if
      :: STILL(authorising) -> w = declined
      :: else
      fi
    };
    goto relay
  :: reply == silence ->
    atomic { /* within the limits, or not */
      if
      :: STILL(authorising) -> w = dispensing; stood_in = true
      :: skip
      fi;
      seen = w
    }
  fi;
  may_crash();
  if
  :: seen == dispensing -> goto dispense
#ifdef NO_VOID_AT_REFUSAL
  :: seen == authorising -> outcome = voided; atomic { commit_outcome() }; goto relay
#else
  :: seen == authorising -> goto recover /* somebody else may have an approval */
#endif
  :: else -> goto relay
  fi;

dispense:
  atomic { dispenser_gives() };
  may_crash();
  atomic { commit_outcome() };
  goto relay;

recover:
  atomic { dispenser_voids() };
  may_crash();
  atomic { commit_outcome() };

relay:
  may_crash();
  atomic {
    if
    :: mine != NO_ADVICE -> put_on_channel(mine)
    :: else
    fi
  };
  goto idle
}

/* The sweep of the transmission queue, in any replica. */
#ifndef NO_RESEND
active proctype Sweep() {
end:
  do
  :: atomic { queued != NO_ADVICE && copies[queued] == 0 && answers == 0 -> put_on_channel(queued) }
  :: atomic { queued != NO_ADVICE && copies[queued] < COPIES && faults < FAULTS -> put_on_channel(queued); faults++ }
  od
}
#endif

/* The host's inbox: row, effect and answer commit together; a repeat gets the stored answer. */
inline receive(advice) {
  copies[advice]--;
  if
#ifndef NO_INBOX
  :: in_inbox
#endif
  :: else -> ledger_posts(advice); in_inbox = true
  fi;
  if
  :: answers < COPIES -> answers++
  :: else
  fi
}

active proctype Inbox() {
end:
  do
  :: atomic { copies[COMPLETION] > 0 -> receive(COMPLETION) }
  :: atomic { copies[REVERSAL] > 0 -> receive(REVERSAL) }
  :: atomic { copies[SUSPENSE] > 0 -> receive(SUSPENSE) }
  od
}

/* Answers at the terminals: the advice leaves the transmission queue, and its effect commits with that. */
active proctype Answers() {
end:
  do
  :: atomic {
      answers > 0 ->
      answers--;
      if
#ifndef NO_OUTBOX
      :: queued == NO_ADVICE /* a late or repeated answer finds no message */
#endif
      :: else ->
        queued = NO_ADVICE;
        answered = true;
        if
        :: w == dispensed -> w = settled
        :: w == reversing -> w = reversed
        :: else
        fi
      fi
    }
  od
}

/* Authorisations that arrive when their replica has given up or died. */
active proctype LateRequests() {
  mtype:reply reply;
end:
  do
  :: atomic { late_requests > 0 -> late_requests--; host_authorises(reply); reply = silence }
  od
}

#define LOSES(where) atomic { faults < FAULTS && where > 0 -> where--; faults++ }
#define REPEATS(where) atomic { faults < FAULTS && where > 0 && where < COPIES -> where++; faults++ }

active proctype Channel() {
end:
  do
  :: LOSES(copies[COMPLETION])
  :: LOSES(copies[REVERSAL])
  :: LOSES(copies[SUSPENSE])
  :: LOSES(answers)
  :: REPEATS(copies[COMPLETION])
  :: REPEATS(copies[REVERSAL])
  :: REPEATS(copies[SUSPENSE])
  :: REPEATS(answers)
  od
}

/* Another cash machine, which wants the same amount of the same account; its own way to the ledger is taken for right. */
active proctype OtherMachine() {
  if
  :: atomic {
      balance - reserved >= 1 ->
#ifndef NO_HOLD
      reserved++;
#endif
      check_account()
    };
    atomic {
#ifndef NO_HOLD
      reserved--;
#endif
      balance--;
      check_account()
    }
  :: skip
  fi
}

/* The ends of a withdrawal, with what dispenser and ledger then say. */
#define IS_SETTLED (w == settled && record == gave && auth == completed && posted == 1 && notes_out == 1)
#define IS_REVERSED (w == reversed && IS_NOTHING(record) && auth == undone && posted == 0 && notes_out == 0)
#define IS_DECLINED (w == declined && IS_NOTHING(record) && auth == refused && posted == 0 && notes_out == 0)
#define NEVER_BEGAN (w == asked && record == blank && auth == absent && posted == 0 && notes_out == 0)
#define IN_SUSPENSE (w == suspense && answered && record == unclear && auth == suspended && posted == 0)

/*
 * When nothing can happen any more, the withdrawal has come to one of its ends, and nothing is left to send. Faults and messages are
 * bounded, so that every run gets there, whoever is slow: no run goes round in circles (checked apart).
 */
active proctype End() {
  timeout;
  assert((IS_SETTLED || IS_REVERSED || IS_DECLINED || IN_SUSPENSE || NEVER_BEGAN) && queued == NO_ADVICE) /* every withdrawal comes to its end */
}
