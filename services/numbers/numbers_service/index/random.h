// Random choice: every number has a place in an order that the seed decides, and those that match are taken in it.
#pragma once
#include "chunk.h"

typedef struct {
    uint64_t place;
    int64_t number;
    uint16_t rule, pool;
} drawn;

// A bijection of 64 bits (the finaliser of MurmurHash3), so no two numbers share a place.
static inline uint64_t mix(uint64_t x) {
    x = (x ^ x >> 33) * 0xFF51AFD7ED558CCDull;
    x = (x ^ x >> 33) * 0xC4CEB9FE1A85EC53ull;
    return x ^ x >> 33;
}

static inline uint64_t place_of(int64_t number, uint64_t seed) { return mix(mix(number + seed) ^ seed); }

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
