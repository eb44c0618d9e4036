// What was computed of a record once is not computed again: every check asks the same questions of the same events.

/**
 * Remembers the answer for as long as whom it is about exists. Only for pure functions.
 * @param size of what may still grow: when it has, the answer is computed anew
 */
export function remembered<About extends object, Answer>(
  compute: (about: About) => Answer,
  size: (about: About) => number,
): (about: About) => Answer {
  const answers = new WeakMap<About, { readonly size: number; readonly answer: Answer }>();
  return (about) => {
    const known = answers.get(about);
    if (known?.size === size(about)) return known.answer;
    const answer = compute(about);
    answers.set(about, { size: size(about), answer });
    return answer;
  };
}
