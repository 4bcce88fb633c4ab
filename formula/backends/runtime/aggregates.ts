// Functions over the members of a collection.

import { Decimal, type Fold, type Num, type Reader, type Test, type Value, ZERO } from "./values";
import { compare, compareText, divide, equal } from "./operators";
import { best, filled } from "./numbers";
import { numberText, unempty } from "./text";

function values(members: readonly Reader[], value: Fold | null, test: Test): Value[] {
  const chosen = test === null ? members : members.filter((member) => test(member));
  return value === null ? chosen.map(() => true) : filled(chosen.map(value));
}

export const sum = (members: readonly Reader[], value: Fold, test: Test): Num =>
  values(members, value, test).reduce<Num>((total, item) => total.plus(item as Num), ZERO);
export const count = (members: readonly Reader[], value: Fold | null, test: Test): Num =>
  new Decimal(values(members, value, test).length);

export function countDistinct(members: readonly Reader[], value: Fold, test: Test): Num {
  const keys = values(members, value, test).map((item) =>
    item instanceof Decimal ? numberText(item) : item,
  );
  return new Decimal(new Set(keys).size);
}

export function average(members: readonly Reader[], value: Fold, test: Test): Num | null {
  return divide(sum(members, value, test), count(members, value, test));
}

export const lowest = (members: readonly Reader[], value: Fold, test: Test): Value =>
  best(values(members, value, test), 1);
export const highest = (members: readonly Reader[], value: Fold, test: Test): Value =>
  best(values(members, value, test), -1);
export const any = (members: readonly Reader[], value: Fold, test: Test): boolean =>
  values(members, value, test).includes(true);
export const all = (members: readonly Reader[], value: Fold, test: Test): boolean =>
  !values(members, value, test).includes(false);

export function joinMembers(
  members: readonly Reader[], value: Fold, test: Test, separator: string,
): string | null {
  return unempty((values(members, value, test) as string[]).sort(compareText).join(separator));
}

function end(
  members: readonly Reader[], value: Fold, test: Test, order: readonly Fold[], sense: 1 | -1,
): Value {
  const chosen = test === null ? members : members.filter((member) => test(member));
  const sorted = chosen.map((member) => ({ member, keys: order.map((key) => key(member)) }));
  sorted.sort((one, other) => compareKeys(one.keys, other.keys, sense));
  return sorted.length === 0 ? null : value(sorted[0]!.member);
}

/** Blanks come after all others, whichever end is asked for. */
function compareKeys(left: readonly Value[], right: readonly Value[], sense: 1 | -1): number {
  for (let at = 0; at < left.length; at += 1) {
    const one = left[at]!;
    const other = right[at]!;
    if (equal(one, other)) continue;
    if (one === null || other === null) return one === null ? 1 : -1;
    return compare(one, other) * sense;
  }
  return 0;
}

export const first = (members: readonly Reader[], value: Fold, test: Test, order: readonly Fold[]) =>
  end(members, value, test, order, 1);
export const last = (members: readonly Reader[], value: Fold, test: Test, order: readonly Fold[]) =>
  end(members, value, test, order, -1);
