// Random choice: each number has a place, an exponentially distributed number that the seed and the number decide, and
// those that match are taken by place. So any of them comes first alike, whatever else matches, comes or goes.
//
// Places are found from above: of 10^6 numbers that share their first digits, then of 10^5, ..., then of one, the lowest
// place. The lowest of n places is exponentially distributed with n times the rate; it belongs to any tenth alike, and
// exponential distributions forget: in the nine other tenths the lowest lies beyond it by as much again as if it were
// zero. Whole tenths that lie beyond what is wanted are passed over without a look at their numbers.
#pragma once
#include <math.h>
#include "chunk.h"

#define LEVELS 7
#define CHUNK 3  // the level on which a tenth is a chunk

typedef struct {
    double place;
    int64_t number;
    uint16_t rule, pool;
} drawn;

typedef struct {  // the way down to a number: on each level, which tenth, its lowest place, and in which tenth of it
    uint64_t seed;
    int64_t of[LEVELS];
    double lowest[LEVELS];
    int within[LEVELS];
} descent;

static const int64_t numbers_at[LEVELS] = {1000000, 100000, 10000, 1000, 100, 10, 1};

// The finaliser of MurmurHash3.
static inline uint64_t mix(uint64_t x) {
    x = (x ^ x >> 33) * 0xFF51AFD7ED558CCDull;
    x = (x ^ x >> 33) * 0xC4CEB9FE1A85EC53ull;
    return x ^ x >> 33;
}

static descent descent_new(uint64_t seed) {
    descent d = {.seed = mix(seed ^ 0x9E3779B97F4A7C15ull)};
    for (int level = 0; level < LEVELS; level++) d.of[level] = -1;
    return d;
}

// Go down to the tenth of this level that a number is in; those above must be there already. False if its lowest place
// is not below `below`.
static inline int go_down(descent *d, int level, int64_t number, double below) {
    int64_t id = number / numbers_at[level];
    if (d->of[level] == id) return d->lowest[level] < below;
    uint64_t hash = mix(mix((uint64_t)id << 3 | level) + d->seed);
    double place = level ? d->lowest[level - 1] : 0;
    if (!level || id % 10 != d->within[level - 1]) {
        double chance = ((hash >> 11) + 0.5) * 0x1p-53, n = numbers_at[level];
        if (place + (1 - chance) / n >= below) return 0;  // the logarithm lies beyond its tangent
        place -= log(chance) / n;
    }
    if (place >= below) return 0;
    d->of[level] = id, d->lowest[level] = place, d->within[level] = mix(hash ^ d->seed) % 10;
    for (int next = level + 1; next < LEVELS; next++) d->of[next] = -1;
    return 1;
}

// 0 if on all levels to `last` there is a place below `below` in the tenth that a number is in; else the number behind
// the tenth in which there is none.
static inline int64_t passed_over(descent *d, int level, int last, int64_t number, double below) {
    for (; level <= last; level++)
        if (!go_down(d, level, number, below)) return (number / numbers_at[level] + 1) * numbers_at[level];
    return 0;
}

// A heap of the `want` lowest places, the highest on top.
static int64_t draw(drawn *heap, int64_t held, int64_t want, drawn one) {
    int64_t at;
    if (held < want) {
        for (at = held++; at && heap[(at - 1) / 2].place < one.place; at = (at - 1) / 2) heap[at] = heap[(at - 1) / 2];
        heap[at] = one;
        return held;
    }
    if (one.place >= heap[0].place) return held;
    for (at = 0;;) {
        int64_t child = 2 * at + 1;
        if (child >= held) break;
        if (child + 1 < held && heap[child + 1].place > heap[child].place) child++;
        if (heap[child].place <= one.place) break;
        heap[at] = heap[child], at = child;
    }
    heap[at] = one;
    return held;
}
