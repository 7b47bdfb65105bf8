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
    uint64_t seed, hash[LEVELS], cut[LEVELS];  // cut: what draws less than this need not be looked at closer
    int64_t of[LEVELS];
    double lowest[LEVELS];
    int within[LEVELS];
} descent;

// How many numbers a tenth has. A constant where the level is one, so that nothing is divided.
static inline __attribute__((always_inline)) int64_t numbers_at(int level) {
    static const int64_t numbers[LEVELS] = {1000000, 100000, 10000, 1000, 100, 10, 1};
    return numbers[level];
}

// The finaliser of MurmurHash3.
static inline uint64_t mix(uint64_t x) {
    x = (x ^ x >> 33) * 0xFF51AFD7ED558CCDull;
    x = (x ^ x >> 33) * 0xC4CEB9FE1A85EC53ull;
    return x ^ x >> 33;
}

// Of 2^53 equally likely draws, those below the result are sure to lie `room` or further on: -log(x) lies beyond 1 - x.
static inline uint64_t cut(double room, int64_t numbers) {
    double near = room * numbers;
    return near < 1 ? (1 - near) * 0x1p53 : 0;
}

static descent descent_new(uint64_t seed, double below) {
    descent d = {.seed = mix(seed ^ 0x9E3779B97F4A7C15ull), .cut[0] = cut(below, numbers_at(0))};
    for (int level = 0; level < LEVELS; level++) d.of[level] = -1;
    return d;
}

// Go down to the tenth of this level that a number is in; those above must be there already. False if its lowest place
// is not below `below`.
static inline __attribute__((always_inline)) int go_down(descent *d, int level, int64_t number, double below) {
    int64_t id = number / numbers_at(level);
    if (d->of[level] == id) return d->lowest[level] < below;
    uint64_t hash = mix((level ? d->hash[level - 1] : d->seed) + (id + 1) * 0x9E3779B97F4A7C15ull);
    double place = level ? d->lowest[level - 1] : 0;
    if (!level || id % 10 != d->within[level - 1]) {
        if (hash >> 11 < d->cut[level]) return 0;
        place -= log(((hash >> 11) + 0.5) * 0x1p-53) / numbers_at(level);
    }
    if (place >= below) return 0;
    d->of[level] = id, d->lowest[level] = place, d->hash[level] = hash, d->within[level] = mix(hash ^ d->seed) % 10;
    if (level + 1 < LEVELS) d->cut[level + 1] = cut(below - place, numbers_at(level + 1));
    for (int next = level + 1; next < LEVELS; next++) d->of[next] = -1;
    return 1;
}

// 0 if on all levels to `last` there is a place below `below` in the tenth that a number is in; else the number behind
// the tenth in which there is none.
static inline __attribute__((always_inline)) int64_t passed_over(descent *d, int level, int last, int64_t number, double below) {
#pragma clang loop unroll(full)
    for (; level <= last; level++)
        if (!go_down(d, level, number, below)) return (number / numbers_at(level) + 1) * numbers_at(level);
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
