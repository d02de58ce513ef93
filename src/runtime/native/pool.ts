/** The threads of native programs: one small library for all of them, in C. */
import { PROGRAM } from "../../compiler/index.ts";

/** More threads than this are not made. */
const MOST_THREADS = 64;

/** Loops inside loops, at most. */
const MOST_NESTED = 64;

/** How often a thread without work looks again before it sleeps: about a tenth of a millisecond. */
const LOOKS = 2000;

/**
 * Runs the phases of a program in order. The tasks of a phase are dealt out evenly, so that each thread
 * meets the same data again; who is done early takes tasks of others. The calling thread works too and
 * needs no one: threads that sleep or come late change how long it takes, never what is computed. Of
 * several callers at once, one has the threads and the others do without.
 */
export const POOL = `
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#if !defined(_WIN32)
#include <sys/mman.h>
#endif
${PROGRAM}
#if defined(__x86_64__)
#define PAUSE() __builtin_ia32_pause()
#elif defined(__aarch64__)
#define PAUSE() __asm__ volatile("yield")
#else
#define PAUSE()
#endif

static struct {
  _Alignas(64) _Atomic int64_t left;
} ranges[${MOST_THREADS}];
static struct {
  _Atomic(const struct phase *) phase;
  _Atomic(char *) memory;
  _Atomic int64_t scratch, threads;
} job;
static _Alignas(64) _Atomic int64_t done;
static _Alignas(64) _Atomic int64_t epoch;
static _Atomic int64_t sleepers;
static int64_t helpers;
static pthread_mutex_t busy = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t wake = PTHREAD_COND_INITIALIZER;

static _Thread_local char *own;
static _Thread_local int64_t owned;

/* Asks for large pages, before memory is first touched: tiles walk over many small ones at a time. */
void surmise_prepare(char *memory, int64_t bytes) {
#ifdef MADV_HUGEPAGE
  const int64_t page = 1 << 21;
  int64_t skipped = (page - (int64_t)((intptr_t)memory & (page - 1))) & (page - 1);
  int64_t whole = (bytes - skipped) & ~(page - 1);
  if (whole > 0) madvise(memory + skipped, whole, MADV_HUGEPAGE);
#endif
}

/* This thread's scratch memory; 0 if there is no memory left. */
static char *scratch(int64_t bytes) {
  if (owned < bytes) {
    free(own);
    int64_t page = bytes >= 1 << 20 ? 1 << 21 : 64;
    int64_t size = (bytes + page - 1) / page * page;
    own = aligned_alloc(page, size);
    owned = own ? bytes : 0;
    if (own) surmise_prepare(own, size);
  }
  return own;
}

static void work(int64_t first) {
  int64_t threads = job.threads;
  for (int64_t k = 0; k < threads; k++) {
    int64_t range = (first + k) % threads;
    int64_t left = ranges[range].left;
    while (left > 0) {
      if (!atomic_compare_exchange_weak(&ranges[range].left, &left, left - 1)) continue;
      const struct phase *phase = job.phase;
      int64_t task = (range + 1) * phase->tasks / job.threads - left;
      phase->run(job.memory, scratch(job.scratch), task);
      done++;
      left = ranges[range].left;
    }
  }
}

static void *helper(void *number) {
  int64_t id = (intptr_t)number;
  for (int looks = 0;;) {
    int64_t seen = epoch;
    if (id < job.threads && !(job.scratch > 0 && !scratch(job.scratch))) work(id);
    if (epoch != seen) {
      looks = 0;
    } else if (++looks < ${LOOKS}) {
      PAUSE();
    } else {
      pthread_mutex_lock(&lock);
      sleepers++;
      while (epoch == seen) pthread_cond_wait(&wake, &lock);
      sleepers--;
      pthread_mutex_unlock(&lock);
      looks = 0;
    }
  }
  return 0;
}

/* Keeps this library in memory: the threads outlive whoever loaded it. */
static void stay(void) {
  static int stays;
  Dl_info here;
  if (!stays && dladdr((void *)stay, &here)) dlopen(here.dli_fname, RTLD_NOW | RTLD_NODELETE);
  stays = 1;
}

static void start(int64_t threads) {
  stay();
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pthread_attr_t detached;
  pthread_attr_init(&detached);
  pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
  while (helpers < threads - 1) {
    pthread_t thread;
    if (pthread_create(&thread, &detached, helper, (void *)(intptr_t)(helpers + 1))) break;
    helpers++;
  }
  pthread_attr_destroy(&detached);
  pthread_sigmask(SIG_SETMASK, &before, 0);
}

static void share(const struct phase *phase, int64_t threads) {
  job.phase = phase;
  done = 0;
  for (int64_t v = 0; v < threads; v++) {
    ranges[v].left = (v + 1) * phase->tasks / threads - v * phase->tasks / threads;
  }
  epoch++;
  if (sleepers > 0) {
    pthread_mutex_lock(&lock);
    pthread_cond_broadcast(&wake);
    pthread_mutex_unlock(&lock);
  }
  work(0);
  for (int looks = 0; done != phase->tasks; looks++) {
    if (looks < ${LOOKS}) PAUSE();
    else sched_yield();
  }
}

/* What is asked for, and the answer: one argument, because each one costs its caller time. */
struct call {
  const struct program *program;
  char *memory;
  int64_t threads;
  /* The run ends once a bit of mask is set in the words at flag. */
  double flag;
  uint32_t mask[2];
  double steps;
  /* Steps that were made, or -1 if there is no memory for scratch. */
  double made;
};

void surmise_run(struct call *call) {
  const struct program *program = call->program;
  char *memory = call->memory;
  const volatile uint32_t *flag = (const uint32_t *)(memory + (int64_t)call->flag);
  int64_t steps = call->steps, made = 0;
  int64_t threads = call->threads > ${MOST_THREADS} ? ${MOST_THREADS} : call->threads;
  int mine = threads > 1 && pthread_mutex_trylock(&busy) == 0;
  char *here = scratch(program->scratch);
  call->made = -1;
  if (program->scratch > 0 && !here) {
    if (mine) pthread_mutex_unlock(&busy);
    return;
  }
  if (mine) {
    job.memory = memory;
    job.scratch = program->scratch;
    job.threads = threads;
    start(threads);
  }
  while (made < steps) {
    int64_t depth = 0, begun[${MOST_NESTED}], turns[${MOST_NESTED}];
    for (int64_t i = 0; i < program->phases; i++) {
      const struct phase *phase = program->phase + i;
      if (!phase->run) {
        if (phase->tasks > 0) {
          begun[depth] = i;
          turns[depth++] = phase->tasks;
        } else if (--turns[depth - 1] > 0 && !(phase->tasks && *(const volatile int32_t *)(memory - phase->tasks))) {
          i = begun[depth - 1];
        } else {
          depth--;
        }
      } else if (phase->tasks == 0) phase->run(memory, here, 0);
      else if (mine) share(phase, threads);
      else for (int64_t task = 0; task < phase->tasks; task++) phase->run(memory, here, task);
    }
    made++;
    if ((flag[0] & call->mask[0]) | (flag[1] & call->mask[1])) break;
  }
  if (mine) pthread_mutex_unlock(&busy);
  call->made = made;
}
`;
