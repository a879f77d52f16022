import t from 'tap';
import { errorDetail } from '../../lib/conf/configuration-error.js';
import { BrokerUnreachable } from '../../lib/queue/broker-error.js';

const failed = (code: string): Error => Object.assign(new Error('text with /a/path'), { code });

t.test('the message says what to change, and only the detail has the folder', (t) => {
  const denied = new BrokerUnreachable('WORK_QUEUE_DIR', failed('EACCES'), '/srv/queue');
  t.match(denied.message, /WORK_QUEUE_DIR cannot be used \(EACCES\): this account must be in the group/);
  t.notMatch(denied.message, '/');
  t.match(errorDetail(denied), /WORK_QUEUE_DIR, \/srv\/queue, cannot be used \(EACCES\): this account/);
  t.match(new BrokerUnreachable('WORK_QUEUE_DIR', failed('ENOSPC')).message, 'disk is full');
  t.match(
    new BrokerUnreachable('localhost:6379', failed('ECONNREFUSED')).message,
    /ECONNREFUSED\): see WORK_QUEUE_BROKER/,
  );
  const script = `script: ${'0a'.repeat(20)}, on @user_script:2.`;
  t.match(
    new BrokerUnreachable('localhost:6379', new Error(`OOM command not allowed. ${script}`)).message,
    /\(OOM command not allowed\.\): see WORK_QUEUE_BROKER and WORK_QUEUE_CONN/,
  );
  const waiting = new Error("Stream isn't writeable and enableOfflineQueue options is false");
  t.match(
    new BrokerUnreachable('localhost:6379', waiting).message,
    /cannot be used \(no connection\): see WORK_QUEUE_/,
  );
  t.equal(denied.exitStatus, 21);
  t.end();
});
