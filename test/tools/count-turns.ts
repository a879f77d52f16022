/**
 * How often others had their turn while something went on: timers, signals and signs of life of a worker need some, however long its work is.
 */

/** Turns of the event loop until the action has ended. */
export async function countTurns(action: () => unknown): Promise<number> {
  let turns = 0;
  let goesOn = true;
  const tick = (): void => {
    turns++;
    if (goesOn) setImmediate(tick);
  };
  setImmediate(tick);
  await action();
  goesOn = false;
  return turns;
}
