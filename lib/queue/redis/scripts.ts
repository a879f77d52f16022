/**
 * The state changes of the Redis queue, one script each: all of it happens or nothing (server-internals 3.6).
 *
 * Written for any Redis since 3.2 (RPOPLPUSH, no LMOVE). Only names that are handed in as keys are touched. None of the side keys
 * matches `das2_working_*`, which older tools take for lists.
 */

export interface RedisScript {
  /** Keys in front of the other arguments. */
  readonly keys: number;
  readonly lua: string;
}

/** Removes the pending mark of an item unless it is that of another one: a job may have queued the rest of its work. */
const forgetPending = (mark: string, id: string): string => `
  local mark = redis.call('GET', ${mark})
  if mark == ${id} or mark == '1' then redis.call('DEL', ${mark}) end`;

export const SCRIPTS = {
  /**
   * Makes a slot ready for its next item. Guarantee: whoever looks for lost workers knows the slot, and that it lives, before it has an item;
   * what an error left behind is not taken for the original of that item.
   * KEYS 1 original, 2 workers, 3 beat. ARGV 1 holder, 2 what the sign of life says, 3 seconds that it holds. Answer: 1.
   */
  enter: {
    keys: 3,
    lua: `
redis.call('DEL', KEYS[1])
redis.call('SADD', KEYS[2], ARGV[1])
redis.call('SET', KEYS[3], ARGV[2], 'EX', ARGV[3])
return 1`,
  },
  /**
   * A sign of life. Guarantee: the slot is known again, should somebody have taken it for dead.
   * KEYS 1 beat, 2 workers, 3 working. ARGV 1 what the sign says, 2 seconds that it holds, 3 holder. Answer: how many items the slot has.
   */
  beat: {
    keys: 3,
    lua: `
redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
redis.call('SADD', KEYS[2], ARGV[3])
return redis.call('LLEN', KEYS[3])`,
  },
  /**
   * Forgets a slot that has ended, or died with nothing to do. Guarantee: one with an item, or with a sign of life, stays known.
   * KEYS 1 beat, 2 workers, 3 working. ARGV 1 holder, 2 '1' if the slot itself says that it ends, else ''. Answer: 1 if it is forgotten.
   */
  forget: {
    keys: 3,
    lua: `
if ARGV[2] == '1' then redis.call('DEL', KEYS[1]) end
if redis.call('EXISTS', KEYS[1]) == 1 or redis.call('LLEN', KEYS[3]) > 0 then return 0 end
return redis.call('SREM', KEYS[2], ARGV[1])`,
  },
  /**
   * Queues an item once. Guarantee: an item is on the list if and only if its pending key was made here, or `repeat` was asked for.
   * KEYS 1 list, 2 pending key. ARGV 1 item, 2 most waiting, 3 urgent '1' or '', 4 seconds of the pending key, 5 repeat '1' or '',
   * 6 id of the item.
   * Answer: 'queued', 'duplicate', 'full'.
   */
  submit: {
    keys: 2,
    lua: `
if redis.call('LLEN', KEYS[1]) >= tonumber(ARGV[2]) then return 'full' end
if ARGV[5] == '1' then redis.call('SET', KEYS[2], ARGV[6], 'EX', ARGV[4])
elseif not redis.call('SET', KEYS[2], ARGV[6], 'NX', 'EX', ARGV[4]) then return 'duplicate' end
if ARGV[3] == '1' then redis.call('RPUSH', KEYS[1], ARGV[1]) else redis.call('LPUSH', KEYS[1], ARGV[1]) end
return 'queued'`,
  },
  /**
   * Rewrites the item that a slot works on. Guarantee: nothing is written once the slot has lost it.
   * KEYS 1 working list. ARGV 1 text. Answer: 1, or 0 if lost.
   */
  note: {
    keys: 1,
    lua: `
if redis.call('LLEN', KEYS[1]) == 0 then return 0 end
redis.call('LSET', KEYS[1], 0, ARGV[1])
return 1`,
  },
  /**
   * Ends the item of a slot. Guarantee: it moves from the working list to the head of the finished list with its final text, and
   * everything kept about it goes; both history lists stay bounded.
   * KEYS 1 working, 2 finished, 3 original, 4 pending, 5 tries, 6 dead.
   * ARGV 1 final text, 2 most finished (0: all), 3 field of tries, 4 text for the dead list or '', 5 id of the item. Answer: 1, or 0 if lost.
   */
  finish: {
    keys: 6,
    lua: `
if redis.call('LLEN', KEYS[1]) == 0 then return 0 end
redis.call('LSET', KEYS[1], -1, ARGV[1])
redis.call('RPOPLPUSH', KEYS[1], KEYS[2])
if ARGV[4] ~= '' then redis.call('LPUSH', KEYS[6], ARGV[4]) end
if tonumber(ARGV[2]) > 0 then
  redis.call('LTRIM', KEYS[2], 0, ARGV[2] - 1)
  redis.call('LTRIM', KEYS[6], 0, ARGV[2] - 1)
end
redis.call('DEL', KEYS[3])${forgetPending('KEYS[4]', 'ARGV[5]')}
redis.call('HDEL', KEYS[5], ARGV[3])
return 1`,
  },
  /**
   * Puts the item of a slot back as it came, to be taken next.
   * KEYS 1 working, 2 original, 3 list to put it on. ARGV 1 item. Answer: 1, or 0 if lost.
   */
  giveBack: {
    keys: 3,
    lua: `
if redis.call('LLEN', KEYS[1]) == 0 then return 0 end
redis.call('RPOP', KEYS[1])
redis.call('RPUSH', KEYS[3], ARGV[1])
redis.call('DEL', KEYS[2])
return 1`,
  },
  /**
   * Puts the item of a slot off, and counts that if it has run. Guarantee: behind the last permitted retry nothing changes but the answer.
   * KEYS 1 working, 2 original, 3 delayed set, 4 tries. ARGV 1 item, 2 due time in ms, 3 field of tries, 4 most retries, 5 '1' to count, or ''.
   * Answer: 'postponed', 'exhausted', 'lost'.
   */
  postpone: {
    keys: 4,
    lua: `
if redis.call('LLEN', KEYS[1]) == 0 then return 'lost' end
if ARGV[5] == '1' then
  local tries = tonumber(redis.call('HGET', KEYS[4], ARGV[3]) or '0') + 1
  if tries > tonumber(ARGV[4]) then return 'exhausted' end
  redis.call('HSET', KEYS[4], ARGV[3], tries)
end
redis.call('RPOP', KEYS[1])
redis.call('ZADD', KEYS[3], ARGV[2], ARGV[1])
redis.call('DEL', KEYS[2])
return 'postponed'`,
  },
  /**
   * Puts items that were put off and are due now at the end of the waiting list.
   * KEYS 1 delayed set, 2 list. ARGV 1 time in ms. Answer: how many.
   */
  promote: {
    keys: 2,
    lua: `
local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', 0, 100)
for _, item in ipairs(due) do
  redis.call('ZREM', KEYS[1], item)
  redis.call('LPUSH', KEYS[2], item)
end
return #due`,
  },
  /**
   * Takes an item from a holder that gives no sign of life. Guarantee: only the item that the caller looked at, and only while the
   * sign of life is missing; so of several reclaimers one succeeds, and a holder that came back keeps its job.
   * KEYS 1 working, 2 original, 3 beat, 4 list to put it on, 5 finished, 6 dead, 7 tries, 8 pending.
   * ARGV 1 text seen, 2 original item, 3 field of tries, 4 most retries, 5 '1' if the text seen is a finished one,
   * 6 finished text of a job given up, 7 most finished (0: all), 8 id of the item. Answer: 'requeued', 'dead', 'completed', 'none'.
   */
  reclaim: {
    keys: 8,
    lua: `
if redis.call('EXISTS', KEYS[3]) == 1 or redis.call('LINDEX', KEYS[1], -1) ~= ARGV[1] then return 'none' end
local outcome
redis.call('RPOP', KEYS[1])
if ARGV[5] == '1' then
  redis.call('LPUSH', KEYS[5], ARGV[1])
  outcome = 'completed'
elseif redis.call('HINCRBY', KEYS[7], ARGV[3], 1) > tonumber(ARGV[4]) then
  redis.call('LPUSH', KEYS[5], ARGV[6])
  redis.call('LPUSH', KEYS[6], ARGV[2])
  outcome = 'dead'
else
  redis.call('RPUSH', KEYS[4], ARGV[2])
  outcome = 'requeued'
end
redis.call('DEL', KEYS[2])
if outcome ~= 'requeued' then${forgetPending('KEYS[8]', 'ARGV[8]')}
  redis.call('HDEL', KEYS[7], ARGV[3])
end
if tonumber(ARGV[7]) > 0 then
  redis.call('LTRIM', KEYS[5], 0, ARGV[7] - 1)
  redis.call('LTRIM', KEYS[6], 0, ARGV[7] - 1)
end
return outcome`,
  },
  /**
   * Takes one item off a list and forgets what is kept about it.
   * KEYS 1 list, 2 pending, 3 tries, 4 delayed set. ARGV 1 item, 2 field of tries or '' to forget nothing, 3 id of the item. Answer: 1, or 0 if it
   * was not there.
   */
  remove: {
    keys: 4,
    lua: `
local count = redis.call('LREM', KEYS[1], 1, ARGV[1])
if count == 0 then count = redis.call('ZREM', KEYS[4], ARGV[1]) end
if count == 0 then return 0 end
if ARGV[2] ~= '' then${forgetPending('KEYS[2]', 'ARGV[3]')}
  redis.call('HDEL', KEYS[3], ARGV[2])
end
return 1`,
  },
  /**
   * Moves a waiting item to where it is taken next.
   * KEYS 1 list, 2 delayed set. ARGV 1 item. Answer: 1, or 0 if it was not there.
   */
  raise: {
    keys: 2,
    lua: `
local count = redis.call('LREM', KEYS[1], -1, ARGV[1])
if count == 0 then count = redis.call('ZREM', KEYS[2], ARGV[1]) end
if count == 0 then return 0 end
redis.call('RPUSH', KEYS[1], ARGV[1])
return 1`,
  },
} as const satisfies Record<string, RedisScript>;

export type ScriptName = keyof typeof SCRIPTS;
