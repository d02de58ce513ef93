// What the machine can do at most, on a number of threads at once: fused multiply-adds of float32 in
// registers, and bytes to and from memory. Prints {"gflops":..,"gbps":..}, the best of some repetitions.
//
// build: cc -O3 -march=native -ffp-contract=fast -pthread ceilings.c -o ceilings
// usage: ceilings THREADS
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#if defined(__AVX512F__)
#define BYTES 64
#elif defined(__AVX__)
#define BYTES 32
#else
#define BYTES 16
#endif
#define LANES (BYTES / (int)sizeof(float))
// As many independent sums as two pipelined units can have under way.
#define SUMS 12
#define ROUNDS 4000000L
#define MEMORY ((size_t)256 << 20)
#define REPETITIONS 12
#define MOST_THREADS 256

typedef float vector __attribute__((vector_size(BYTES)));

typedef struct {
  int number;
  vector *values;
  size_t length;
  float sink;
} work;

static pthread_barrier_t meeting;
static int threads;
static double gflops, gbps;

static void multiply_add(work *mine) {
  vector sums[SUMS], a = {0}, b = {0};
  a += 0.999f;
  b += 1e-6f;
  for (int i = 0; i < SUMS; i++) sums[i] = b * (float)i;
  for (long round = 0; round < ROUNDS; round++)
    for (int i = 0; i < SUMS; i++) sums[i] = sums[i] * a + b;
  for (int i = 0; i < SUMS; i++) mine->sink += sums[i][0];
}

// Reads and writes every element once.
static void scale(work *mine) {
  for (size_t i = 0; i < mine->length; i++) mine->values[i] = mine->values[i] * 0.999f;
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

// The fewest seconds that all threads together take for `job`.
static double fastest(void (*job)(work *), work *mine) {
  double best = 1e9;
  for (int i = 0; i < REPETITIONS; i++) {
    pthread_barrier_wait(&meeting);
    double start = now();
    job(mine);
    pthread_barrier_wait(&meeting);
    double taken = now() - start;
    if (taken < best) best = taken;
  }
  return best;
}

static void *measure(void *argument) {
  work *mine = argument;
  for (size_t i = 0; i < mine->length; i++) mine->values[i] = (vector){1};
  double computing = fastest(multiply_add, mine), moving = fastest(scale, mine);
  if (mine->number == 0) {
    gflops = 2e-9 * ROUNDS * SUMS * LANES * threads / computing;
    gbps = 2e-9 * BYTES * (double)mine->length * threads / moving;
  }
  return NULL;
}

int main(int argc, char **argv) {
  static pthread_t thread[MOST_THREADS];
  static work part[MOST_THREADS];
  threads = argc > 1 ? atoi(argv[1]) : 1;
  if (threads < 1 || threads > MOST_THREADS) return 2;
  pthread_barrier_init(&meeting, NULL, (unsigned)threads);
  for (int i = 0; i < threads; i++) {
    part[i].number = i;
    part[i].length = MEMORY / BYTES / (size_t)threads;
    part[i].values = aligned_alloc(4096, part[i].length * BYTES / 4096 * 4096 + 4096);
    if (part[i].values == NULL) return 1;
    pthread_create(&thread[i], NULL, measure, &part[i]);
  }
  for (int i = 0; i < threads; i++) pthread_join(thread[i], NULL);
  printf("{\"gflops\":%.2f,\"gbps\":%.2f}\n", gflops, gbps);
  return part[0].sink == 12345.0f;
}
