// The search index's inner loops, called through ctypes. Memory belongs to the caller; nothing here keeps any.
#include "automaton.h"
#include "random.h"
#define PUBLIC __attribute__((visibility("default")))

typedef struct {
    int32_t grades, ranges;         // grades: a bit each
    const int64_t (*range)[2];      // first and last numbers that are wanted, ascending, apart
    const spec *digits;             // NULL: any digits
} filter;

typedef struct {  // one look through a shelf
    const grading *g;
    const filter *f;
    const shelf *s;
    automaton *a;
    walk w;
    int64_t dead;                   // no number of the chunks below this key completes the digits
} look;

static look look_at(const grading *g, const filter *f, const shelf *s) {
    return (look){g, f, s, f->digits ? automaton_new(f->digits) : NULL, {0}, 0};
}

static inline int has_grade(const look *l, int64_t row) {
    const uint16_t *n = l->s->sums[row].grade;
    if (l->f->grades == ANY) return n[0] | n[1] | n[2] | n[3] | n[4];
    int any = 0;
    for (int grade = 0; grade < GRADES; grade++) any |= l->f->grades >> grade & 1 ? n[grade] : 0;
    return any;
}

// The first row from `row` on whose key is not lower, and which is mostly near.
static inline int64_t row_of(const shelf *s, int64_t key, int64_t row, int64_t end) {
    int64_t step = 1;
    for (; row + step < end && s->key[row + step] < key; step *= 4) row += step;
    return row + lower(s->key + row, row + step < end ? step : end - row, key);
}

// The row to go on with: whole groups without a wanted grade are passed over, and chunks that cannot match.
static inline int64_t pass_over(const look *l, int64_t row, int64_t end) {
    if (row < end && l->s->key[row] < l->dead) row = row_of(l->s, l->dead, row, end);
    while (row < end && row % GROUP == 0) {
        uint32_t any = 0;
        for (int grade = 0; grade < GRADES; grade++)
            any |= l->f->grades >> grade & 1 ? l->s->groups[row / GROUP][grade] : 0;
        if (any) break;
        row += GROUP;
    }
    return row < end ? row : end;
}

// Which numbers of a row match. False: none.
static int match(look *l, int64_t row, const int64_t *range, uint64_t *out) {
    int64_t key = l->s->key[row], base = key * SPAN;
    const uint64_t *mask = NULL;
    if (!has_grade(l, row)) return 0;
    if (l->a && !(mask = mask_of(l->a, walk_to(l->a, &l->w, key, l->s->skip[row] & 3)))) {
        l->dead = dead_until(l->a, &l->w);
        return 0;
    }
    memcpy(out, l->s->bits[row], sizeof(words));
    if (mask)
        for (int i = 0; i < WORDS; i++) out[i] &= mask[i];
    if (l->f->grades != ANY) {
        words graded;
        grade_words(l->g, key, l->s->skip[row], l->f->grades, graded);
        for (int i = 0; i < WORDS; i++) out[i] &= graded[i];
    }
    if (base < range[0] || base + SPAN - 1 > range[1])
        clip(out, base < range[0] ? range[0] - base : 0, base + SPAN - 1 > range[1] ? range[1] - base : SPAN - 1);
    uint64_t any = 0;
    for (int i = 0; i < WORDS; i++) any |= out[i];
    return any != 0;
}

static void rows_of(const shelf *s, const int64_t *range, int64_t *from, int64_t *to) {
    *from = lower(s->key, s->rows, range[0] / SPAN);
    *to = *from + lower(s->key + *from, s->rows - *from, range[1] / SPAN + 1);
}

// Numbers by grade without looking at digits: whole chunks and groups from their sums.
static void count_sums(look *l, int64_t *counts) {
    const shelf *s = l->s;
    for (int i = 0; i < l->f->ranges; i++) {
        const int64_t *range = l->f->range[i];
        int64_t row, end;
        words w;
        for (rows_of(s, range, &row, &end); row < end;) {
            int64_t base = s->key[row] * SPAN;
            if (row % GROUP == 0 && row + GROUP < end && base >= range[0]) {
                for (int grade = 0; grade < GRADES; grade++) counts[grade] += s->groups[row / GROUP][grade];
                row += GROUP;
                continue;
            }
            if (base < range[0] || base + SPAN - 1 > range[1]) {
                memcpy(w, s->bits[row], sizeof w);
                clip(w, base < range[0] ? range[0] - base : 0, base + SPAN - 1 > range[1] ? range[1] - base : SPAN - 1);
                count_grades(l->g, s->key[row], s->skip[row], w, count(w), counts);
            } else
                for (int grade = 0; grade < GRADES; grade++) counts[grade] += s->sums[row].grade[grade];
            row++;
        }
    }
    for (int grade = 0; grade < GRADES; grade++)
        if (!(l->f->grades >> grade & 1)) counts[grade] = 0;
}

// The first `want` numbers that match, ascending, with their rules, and counts by grade of all that match. With
// digits in the filter, counting ends after `budget` chunks once enough are found; exact says whether it got through.
PUBLIC int64_t kernel_scan(const grading *g, const filter *f, const shelf *s, int64_t want, int64_t budget,
                           int64_t *number, uint16_t *rule, int64_t *counts, int64_t *exact) {
    look l = look_at(g, f, s);
    int64_t found = 0, seen = 0;
    *exact = 1;
    memset(counts, 0, GRADES * sizeof *counts);
    for (int i = 0; i < f->ranges && *exact; i++) {
        int64_t row, end;
        words w;
        for (rows_of(s, f->range[i], &row, &end); (row = pass_over(&l, row, end)) < end; row++) {
            if (found >= want && (!l.a || seen >= budget)) {
                *exact = 0;
                break;
            }
            seen++;
            if (!match(&l, row, f->range[i], w)) continue;
            if (l.a) count_grades(g, s->key[row], s->skip[row], w, count(w), counts);
            for (int at = next_bit(w, 0, 1); at < SPAN && found < want; at = next_bit(w, at + 1, 1)) {
                number[found] = s->key[row] * SPAN + at;
                rule[found] = rule_of(g, number[found], s->skip[row]);
                found++;
            }
        }
    }
    if (!l.a) *exact = 1, count_sums(&l, counts);
    automaton_free(l.a);
    return found;
}

// The first of `want` numbers in a row that all match, at a multiple of `aligned`; -1 if there are none, and then
// longest[0..1] is the longest run that there is: its first number and its length.
PUBLIC int64_t kernel_run(const grading *g, const filter *f, const shelf *s, int64_t want, int64_t aligned,
                          int64_t *longest) {
    look l = look_at(g, f, s);
    int64_t first = 0, length = 0, found = -1;
    int plain = f->grades == ANY && !l.a;
    longest[0] = -1, longest[1] = 0;
    for (int i = 0; i < f->ranges && found < 0; i++) {
        int64_t row, end;
        words w;
        for (rows_of(s, f->range[i], &row, &end); found < 0 && (row = pass_over(&l, row, end)) < end; row++) {
            int64_t base = s->key[row] * SPAN;
            if (first + length != base) length = 0;
            summary *sum = &s->sums[row];
            int whole = base >= f->range[i][0] && base + SPAN - 1 <= f->range[i][1];
            if (plain && whole && sum->longest == SPAN && length) {
                length += SPAN;
                if (length > longest[1]) longest[0] = first, longest[1] = length;
                int64_t start = (first + aligned - 1) / aligned * aligned;
                if (first + length - start >= want) found = start;
                continue;
            }
            if (plain && whole && sum->longest < want && length + sum->leading < want && sum->longest <= longest[1]
                && length + sum->leading <= longest[1]) {
                first = base + SPAN - sum->trailing, length = sum->trailing;
                continue;
            }
            if (!match(&l, row, f->range[i], w)) continue;
            for (int at = next_bit(w, 0, 1); at < SPAN;) {
                int to = next_bit(w, at, 0);
                if (first + length == base + at && length) length += to - at;
                else first = base + at, length = to - at;
                if (length > longest[1]) longest[0] = first, longest[1] = length;
                int64_t start = (first + aligned - 1) / aligned * aligned;
                if (first + length - start >= want) {
                    found = start;
                    break;
                }
                at = next_bit(w, to, 1);
            }
        }
    }
    automaton_free(l.a);
    return found;
}

// Of all that match, the `want` numbers whose places from `from` on are lowest, as far as they lie below `below`: `heap`
// holds `held` of other shelves already. How many the heap holds then.
PUBLIC int64_t kernel_sample(const grading *g, const filter *f, const shelf *s, int64_t seed, double from, double below,
                             int64_t want, int64_t held, int64_t pool, drawn *heap) {
    look l = look_at(g, f, s);
    descent d = descent_new(seed);
    if (held == want && heap[0].place < below) below = heap[0].place;
    for (int i = 0; i < f->ranges; i++) {
        int64_t row, end;
        words w;
        for (rows_of(s, f->range[i], &row, &end); (row = pass_over(&l, row, end)) < end;) {
            int64_t base = s->key[row] * SPAN, next = passed_over(&d, 0, CHUNK, base, below);
            if (next) {
                row = row_of(s, next / SPAN, row + 1, end);
                continue;
            }
            int any = match(&l, row, f->range[i], w);
            for (int at = any ? next_bit(w, 0, 1) : SPAN; at < SPAN; at = next_bit(w, at, 1)) {
                if ((next = passed_over(&d, CHUNK + 1, LEVELS - 1, base + at, below))) {
                    at = next - base;
                    continue;
                }
                double place = d.lowest[LEVELS - 1];
                uint16_t rule = rule_of(g, base + at, s->skip[row]);
                if (place > from) held = draw(heap, held, want, (drawn){place, base + at, rule, pool});
                if (held == want && heap[0].place < below) below = heap[0].place;
                at++;
            }
            row++;
        }
    }
    automaton_free(l.a);
    return held;
}

// Grade all rows again; their runs stay.
PUBLIC void kernel_sum(const grading *g, const shelf *s) {
    for (int64_t row = 0; row < s->rows; row++) sum_grades(g, s, row);
    for (int64_t group = 0; group * GROUP < s->rows; group++) sum_group(s, group);
}

// A row has changed: its sums, and its group's by the difference.
static void change_row(const grading *g, const shelf *s, int64_t row) {
    summary before = s->sums[row];
    sum_grades(g, s, row);
    sum_runs(s->bits[row], &s->sums[row]);
    for (int grade = 0; grade < GRADES; grade++)
        s->groups[row / GROUP][grade] += s->sums[row].grade[grade] - before.grade[grade];
}

// The groups from the one that row `from` is in, from their rows' sums.
PUBLIC void kernel_groups(const shelf *s, int64_t from) {
    for (int64_t group = from / GROUP; group * GROUP < s->rows; group++) sum_group(s, group);
}

// The chunks of first..last are graded again.
PUBLIC void kernel_regrade(const grading *g, const shelf *s, int64_t first, int64_t last) {
    int64_t range[2] = {first, last}, row, end;
    for (rows_of(s, range, &row, &end); row < end; row++) change_row(g, s, row);
}

// Ranges of numbers become free or not, where the shelf has their chunks; in how many chunks, counted for each range.
// Ascending ranges have each chunk summed up once.
PUBLIC int64_t kernel_set(const grading *g, const shelf *s, int64_t ranges, const int64_t (*range)[2], int64_t is_free) {
    int64_t changed = -1, n = 0, row, end;
    for (int64_t i = 0; i < ranges; i++)
        for (rows_of(s, range[i], &row, &end); row < end; row++, n++) {
            int64_t first = range[i][0] - s->key[row] * SPAN, last = range[i][1] - s->key[row] * SPAN;
            words w;
            memset(w, 0xff, sizeof w);
            clip(w, first > 0 ? first : 0, last < SPAN ? last : SPAN - 1);
            for (int j = 0; j < WORDS; j++) s->bits[row][j] = is_free ? s->bits[row][j] | w[j] : s->bits[row][j] & ~w[j];
            if (changed >= 0 && changed != row) change_row(g, s, changed);
            changed = row;
        }
    if (changed >= 0) change_row(g, s, changed);
    return n;
}

// Numbers first.. become free or not as the `size` bits say (the lowest bit of a byte first).
PUBLIC void kernel_load(const grading *g, const shelf *s, int64_t first, int64_t size, const uint8_t *bits) {
    int64_t range[2] = {first, first + size - 1}, row, end;
    for (rows_of(s, range, &row, &end); row < end; row++) {
        int64_t base = s->key[row] * SPAN;
        int from = base < first ? first - base : 0, to = base + SPAN > first + size ? first + size - base : SPAN;
        for (int at = from; at < to; at++) {
            int64_t i = base + at - first;
            uint64_t one = 1ull << (at & 63);
            if (!(at & 7) && !(i & 7) && at + 8 <= to) {
                ((uint8_t *)s->bits[row])[at >> 3] = bits[i >> 3];
                at += 7;
            } else if (bits[i >> 3] >> (i & 7) & 1) s->bits[row][at >> 6] |= one;
            else s->bits[row][at >> 6] &= ~one;
        }
        change_row(g, s, row);
    }
}

// The other way: the bits of first.. in a buffer that is zero; how many are free.
PUBLIC int64_t kernel_save(const shelf *s, int64_t first, int64_t size, uint8_t *bits) {
    int64_t range[2] = {first, first + size - 1}, row, end, n = 0;
    for (rows_of(s, range, &row, &end); row < end; row++) {
        int64_t base = s->key[row] * SPAN;
        int from = base < first ? first - base : 0, to = base + SPAN > first + size ? first + size - base : SPAN;
        for (int at = next_bit(s->bits[row], from, 1); at < to; at = next_bit(s->bits[row], at + 1, 1)) {
            int64_t i = base + at - first;
            bits[i >> 3] |= 1 << (i & 7);
            n++;
        }
    }
    return n;
}
