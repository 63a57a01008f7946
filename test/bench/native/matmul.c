/*
 * The product of MATMUL in C, as fast as AVX2 allows without fused operations: out (m×n) ← a (m×k) · b (k×n).
 * Each element is one float32 sum in ascending k, so the bits are those of the plain loop.
 *
 * matmul INPUT OUTPUT M K N REPEATS: INPUT holds a then b, OUTPUT gets the product. Prints the nanoseconds of the
 * fastest product. The right factor is packed before the clock starts, into panels of 16 columns.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define COLUMNS 16
#define ROWS 6

/* Eight lanes; the compiler splits them where the processor has shorter vectors. */
typedef float lanes __attribute__((vector_size(32), aligned(4)));

/* Panel j holds columns 16 j to 16 j + 15, row behind row; missing columns are 0. */
static void pack(float *panels, const float *b, long k, long n) {
  for (long j = 0; j < n; j += COLUMNS)
    for (long p = 0; p < k; p++)
      for (long c = 0; c < COLUMNS; c++) *panels++ = j + c < n ? b[p * n + j + c] : 0;
}

/* `rows` × 16 elements in registers; called with a constant, so that the loops over rows vanish. */
static inline __attribute__((always_inline)) void block(int rows, float *out, const float *a, const float *panel,
                                                        long k, long n, long columns) {
  lanes low[ROWS] = {0}, high[ROWS] = {0};
  for (long p = 0; p < k; p++) {
    const lanes b0 = *(const lanes *)(panel + p * COLUMNS);
    const lanes b1 = *(const lanes *)(panel + p * COLUMNS + 8);
    for (int i = 0; i < rows; i++) {
      const float x = a[i * k + p];
      low[i] += b0 * x;
      high[i] += b1 * x;
    }
  }
  for (int i = 0; i < rows; i++) {
    float row[COLUMNS];
    memcpy(row, &low[i], sizeof low[i]);
    memcpy(row + 8, &high[i], sizeof high[i]);
    memcpy(out + i * n, row, columns * sizeof *row);
  }
}

static void matmul(float *out, const float *a, const float *panels, long m, long k, long n) {
  for (long j = 0; j < n; j += COLUMNS) {
    const long columns = n - j < COLUMNS ? n - j : COLUMNS;
    const float *panel = panels + j * k;
    long i = 0;
    for (; i + ROWS <= m; i += ROWS) block(ROWS, out + i * n + j, a + i * k, panel, k, n, columns);
    for (; i < m; i++) block(1, out + i * n + j, a + i * k, panel, k, n, columns);
  }
}

static double nanoseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return now.tv_sec * 1e9 + now.tv_nsec;
}

static float *floats(long count) {
  float *data = aligned_alloc(64, (count * sizeof(float) + 63) / 64 * 64);
  if (!data) exit(2);
  return data;
}

int main(int argc, char **argv) {
  if (argc != 7) return 2;
  const long m = atol(argv[3]), k = atol(argv[4]), n = atol(argv[5]), repeats = atol(argv[6]);
  const long panelColumns = (n + COLUMNS - 1) / COLUMNS * COLUMNS;
  float *a = floats(m * k), *b = floats(k * n), *panels = floats(k * panelColumns), *out = floats(m * n);
  FILE *input = fopen(argv[1], "rb");
  if (!input || fread(a, 4, m * k, input) != (size_t)(m * k)) return 2;
  if (fread(b, 4, k * n, input) != (size_t)(k * n)) return 2;
  pack(panels, b, k, n);
  double fastest = 1e300;
  for (long r = 0; r < repeats; r++) {
    const double start = nanoseconds();
    matmul(out, a, panels, m, k, n);
    const double time = nanoseconds() - start;
    if (time < fastest) fastest = time;
  }
  FILE *output = fopen(argv[2], "wb");
  if (!output || fwrite(out, 4, m * n, output) != (size_t)(m * n) || fclose(output)) return 2;
  printf("%.0f\n", fastest);
  return 0;
}
