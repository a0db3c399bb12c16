//go:build ignore

// Times matrix products of oneDNN for compare.py: reads shapes such as 32x784x64NN and prints each with the shortest time of a
// call in nanoseconds, the better of its matmul primitive and its sgemm. Build it with: gcc -O2 onednn.c -o onednn -ldnnl
#include <oneapi/dnnl/dnnl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define CHECK(call) do { if ((call) != dnnl_success) { fprintf(stderr, "onednn: %s failed\n", #call); exit(1); } } while (0)

enum { RUNS = 300 };
static const double run_ns = 40e3, shape_ns = 200e6;

static double now(void) {
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e9 + t.tv_nsec;
}

static float *numbers(size_t n) {
	float *x = aligned_alloc(64, (n * sizeof *x + 63) / 64 * 64);
	for (size_t i = 0; i < n; i++) x[i] = (float)rand() / RAND_MAX - 0.5f;
	return x;
}

static dnnl_memory_desc_t matrix(long rows, long cols, char stored) {
	dnnl_memory_desc_t d;
	dnnl_dims_t dims = {rows, cols};
	CHECK(dnnl_memory_desc_create_with_tag(&d, 2, dims, dnnl_f32, stored == 'T' ? dnnl_ba : dnnl_ab));
	return d;
}

int main(void) {
	dnnl_engine_t engine;
	dnnl_stream_t stream;
	CHECK(dnnl_engine_create(&engine, dnnl_cpu, 0));
	CHECK(dnnl_stream_create(&stream, engine, dnnl_stream_default_flags));
	long m, k, n;
	char s[3];
	while (scanf("%ldx%ldx%ld%2s", &m, &k, &n, s) == 4) {
		dnnl_memory_desc_t da = matrix(m, k, s[0]), db = matrix(k, n, s[1]), dc = matrix(m, n, 'N');
		float *a = numbers(m * k), *b = numbers(k * n), *c = numbers(m * n);
		dnnl_primitive_desc_t desc;
		dnnl_primitive_t matmul;
		CHECK(dnnl_matmul_primitive_desc_create(&desc, engine, da, db, NULL, dc, NULL));
		CHECK(dnnl_primitive_create(&matmul, desc));
		dnnl_memory_t ma, mb, mc;
		CHECK(dnnl_memory_create(&ma, da, engine, a));
		CHECK(dnnl_memory_create(&mb, db, engine, b));
		CHECK(dnnl_memory_create(&mc, dc, engine, c));
		dnnl_exec_arg_t args[] = {{DNNL_ARG_SRC, ma}, {DNNL_ARG_WEIGHTS, mb}, {DNNL_ARG_DST, mc}};
		int calls = 1;
		double best = 1e300, begin = 0;
		for (int i = 0; i < 2 * RUNS && (i < 2 || now() - begin < shape_ns); i++) {
			double start = now();
			for (int j = 0; j < calls; j++) {
				if (i % 2) dnnl_primitive_execute(matmul, stream, 3, args);
				else dnnl_sgemm(s[0], s[1], m, n, k, 1, a, s[0] == 'T' ? m : k, b, s[1] == 'T' ? k : n, 0, c, n);
			}
			double spent = now() - start;
			if (spent / calls < best) best = spent / calls;
			if (spent < run_ns / 2) calls *= 2;
			if (i == 1) begin = now(); // the first calls make the code
		}
		printf("%ldx%ldx%ld%s %.1f\n", m, k, n, s, best);
		free(a), free(b), free(c);
	}
	return 0;
}
