// The search index's inner loops, called through ctypes. Memory belongs to the caller; nothing here keeps any.
#include "automaton.h"
#include "changing.h"
#include "random.h"

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
            int64_t need = want <= longest[1] ? want : longest[1] + 1;
            if (length + next_bit(w, 0, 0) < need && !has_run(w, need)) {
                length = run_at_end(w), first = base + SPAN - length;
                continue;
            }
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
    if (held == want && heap[0].place < below) below = heap[0].place;
    descent d = descent_new(seed, below);
    for (int i = 0; i < f->ranges; i++) {
        int64_t row, end;
        words w;
        for (rows_of(s, f->range[i], &row, &end); (row = pass_over(&l, row, end)) < end;) {
            int64_t base = s->key[row] * SPAN, next = 0;
            if (f->grades != ANY && !has_grade(&l, row)) {
                row++;
                continue;
            }
            if ((next = passed_over(&d, 0, CHUNK, base, below))) {
                int64_t most = next / SPAN - s->key[row];
                row += lower(s->key + row, most < end - row ? most : end - row, next / SPAN);
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
