/**
 * Checks `[xx]` packets of das2 streams and QStreams: comments, progress, exceptions (stream-format 8, 14.2).
 */
import { findProperty, type Properties } from '../properties.js';
import type { XmlElement } from '../xml.js';
import { type Findings, type Place, quoted } from './findings.js';

const LOG_LEVELS: ReadonlySet<string> = new Set(['finest', 'finer', 'fine', 'config', 'info', 'warning', 'error']);

export class MessageChecker {
  private taskSize: number | undefined;
  private exceptionSeen = false;
  private recordsSeen = false;
  private lateDataReported = false;

  constructor(
    private readonly family: () => 'das2' | 'qstream',
    private readonly findings: Findings,
  ) {}

  /** Tells what the stream header says about the task. */
  streamProperties(properties: Properties): void {
    const size = findProperty(properties, 'taskSize')?.value ?? '';
    if (/^\s*\d+\s*$/.test(size)) this.taskSize = Number(size);
  }

  /** Tells that records went by. */
  records(place: Place): void {
    this.recordsSeen = true;
    if (!this.exceptionSeen || this.lateDataReported) return;
    this.lateDataReported = true;
    this.findings.add('data-after-exception', place, 'data follow an exception');
  }

  /** Checks the root element of a message. */
  check(root: XmlElement, place: Place): void {
    if (root.name === 'comment') this.comment(root, place);
    else if (root.name === 'exception') this.exception(root, place);
    else if (root.name === 'enumerationUnit' && this.family() === 'qstream') {
      for (const key of ['name', 'value', 'label']) {
        if (!root.attributes.has(key)) this.findings.add('q-message', place, `<enumerationUnit> has no ${key}`);
      }
    } else {
      this.findings.add('root-element', place, () => `the message has the root element <${root.name.slice(0, 40)}>`);
    }
  }

  private comment(root: XmlElement, place: Place): void {
    const type = root.attributes.get('type');
    if (type === undefined) this.findings.add('message-attribute', place, 'the comment has no type');
    const qstream = this.family() === 'qstream';
    if (!root.attributes.has('source') && !qstream) {
      this.findings.add('message-attribute', place, 'the comment has no source');
    }
    const value = this.text(root, qstream ? 'message' : 'value', place);
    if (type === undefined || value === undefined) return;
    const level = /^log:(.*)$/s.exec(type)?.[1];
    if (level !== undefined && !LOG_LEVELS.has(level)) {
      this.findings.add('log-level', place, () => `the comment has the log level ${quoted(level)}`);
    }
    if (type === 'taskSize') this.task(value, place, 1);
    else if (type === 'taskProgress') this.task(value, place, 0);
  }

  private task(text: string, place: Place, minimum: 0 | 1): void {
    const value = /^\s*\d{1,15}\s*$/.test(text) ? Number(text) : -1;
    const what = minimum === 1 ? 'taskSize' : 'taskProgress';
    const maximum = minimum === 1 ? Number.MAX_SAFE_INTEGER : (this.taskSize ?? Number.MAX_SAFE_INTEGER);
    if (value < minimum || value > maximum) {
      const limit = maximum < Number.MAX_SAFE_INTEGER ? `, taskSize is ${maximum}` : '';
      this.findings.add('task-value', place, () => `${what} is ${quoted(text)}${limit}`);
    }
    if (minimum === 1) this.taskSize = value < 1 ? undefined : value;
    else if (this.taskSize === undefined) {
      this.findings.add('client-task-size', place, 'taskProgress without a taskSize before it');
    }
  }

  private exception(root: XmlElement, place: Place): void {
    this.exceptionSeen = true;
    if (!root.attributes.has('type')) this.findings.add('message-attribute', place, 'the exception has no type');
    this.text(root, 'message', place);
    if (this.recordsSeen) {
      const type = root.attributes.get('type') ?? '';
      this.findings.add('client-exception', place, () => `an exception of type ${quoted(type)} follows data`);
    }
  }

  private text(root: XmlElement, key: 'value' | 'message', place: Place): string | undefined {
    const value = root.attributes.get(key);
    if (value !== undefined) return value;
    const text = root.text.trim();
    if (this.family() === 'qstream' && root.name === 'comment') {
      this.findings.add('q-message', place, 'the comment has no message');
      return undefined;
    }
    if (text === '') {
      this.findings.add('message-attribute', place, `the ${root.name} has no ${key}`);
      return undefined;
    }
    this.findings.add('message-text-form', place, `the ${root.name} has its ${key} between its tags`);
    return text;
  }
}
