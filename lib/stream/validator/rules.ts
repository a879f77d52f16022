/**
 * Every rule that the validator knows, in one table: stable code, section of the stream format it comes from, severity, and one line
 * of plain words. Help, documentation and tests list the rules from here.
 *
 * A violation is what the format forbids, or what makes some reader fail or lose data. A remark is legal or harmless to
 * tolerant readers, but unusual, discouraged or probably not what the writer meant. A strict rule is a demand of Autoplot's reader
 * alone (section 17) and is checked on request only. Codes are never renamed; new rules get new codes.
 */

export type Severity = 'violation' | 'remark';

export interface Rule {
  readonly section: string;
  readonly severity: Severity;
  /** Checked only in strict mode. */
  readonly strict: boolean;
  /** What a stream must do, as one line. */
  readonly text: string;
}

const violation = (section: string, text: string): Rule => ({ section, severity: 'violation', strict: false, text });
const remark = (section: string, text: string): Rule => ({ section, severity: 'remark', strict: false, text });
const client = (text: string): Rule => ({ section: '17', severity: 'violation', strict: true, text });

export const VALIDATOR_RULES = {
  // Families and framing.
  'not-a-stream': violation('1', 'the first bytes are a packet tag'),
  'exception-as-header': violation(
    '1',
    'a failed request is a stream header and an exception, not an exception in place of the header',
  ),
  'das3-stream': violation('10.3', 'das 3 streams are another format, which is not checked here'),
  'empty-stream': violation('2.4', 'a stream has at least a stream header'),
  'header-first': violation('2.1', 'the stream header is the first packet'),
  'second-stream-header': violation('2.1', 'the stream header occurs once'),
  'unknown-tag': violation('2.4', 'a packet begins with a tag; there is no way to find the next one'),
  'length-field': violation('2.1', 'the length of a packet is a positive number'),
  'length-form': violation('2.1', 'lengths are six digits, padded with zeros'),
  'message-id': violation('2.1', 'the id of messages is xx in lower case'),
  'packet-id': violation('2.3', 'packet ids are 1 to 99, so that at most 99 packet types are live'),
  'stray-newline': violation(
    '2.4',
    'there is nothing between packets; a newline there mostly means a length that is one too small',
  ),
  'trailing-white-space': remark('2.4', 'nothing stands behind the last packet'),
  'truncated-packet': violation('2.4', 'the stream ends at a packet boundary'),
  'undefined-packet': violation('2.3', 'a data packet needs a packet header of its id before it'),
  'packet-too-large': violation(
    '2.5',
    'records of more than 16 MiB, documents of more than 999999 bytes and more than 32768 planes together are refused by readers',
  ),
  'pipe-data-length': violation('10.2', 'the length of a |Pd| packet is that of a record of its id'),
  'content-newline': remark('2.1', 'the content of header and message packets ends with a newline'),
  'xml-malformed': violation('3', 'headers and messages are well-formed XML without document type, in UTF-8'),
  'compression-unknown': violation('3.1', 'compression is none or deflate'),
  'compression-synonym': remark('9', 'the word for compression is deflate; zlib is known to some readers only'),
  'deflate-raw': violation('9', 'the compressed part is a zlib stream with its two header bytes'),
  'deflate-broken': violation('9', 'the compressed part can be inflated to its end and its check sum is right'),
  // Headers.
  'root-element': violation('2.1', 'the root is <stream> in [00], <packet> in [NN], <comment> or <exception> in [xx]'),
  'unexpected-element': violation(
    '3',
    'only <properties> stands inside <stream> and planes, <properties> and planes inside <packet>',
  ),
  'unexpected-text': remark('3', 'headers hold elements and attributes, no text between them'),
  'unknown-attribute': remark('3', 'attributes are those of the tables of section 3; filters may drop others'),
  'version-missing': remark('3.1', 'the stream header says which version of the format it follows'),
  'version-unknown': remark('3.1', 'the version is 2.1, 2.2 or 2.3'),
  'later-version': remark('10.1', 'xscan, offsets and their relatives belong to version 2.3'),
  'no-planes': violation('2.3', 'a packet has at least one plane'),
  'packet-shape': violation('3.2', 'a packet is x with y, x with y and z, or x with yscan; z and yscan do not mix'),
  'several-x': remark('3.2', 'packets with several x planes (event ranges) are refused by filters'),
  'same-definition': remark('2.3', 'two packet ids with equal headers stop older filters'),
  'repeated-header': remark('12.2', 'a header that is repeated unchanged splits bins of reducers'),
  // Planes.
  'type-missing': violation('3.3', 'every plane has a type'),
  'type-unknown': violation('5', 'the type is one of section 5, text widths are 2 to 127'),
  'text-width': remark('5.2', 'older filters stop at text fields outside ascii9 to ascii24 and time5 to time31'),
  'units-missing': violation('3.3', 'x, y and z have units, yscan has zUnits, unless the type is a time'),
  'utc-as-number': violation('6.1', 'UTC goes with time text only'),
  'name-twice': violation('3.3', 'names are unique in a packet'),
  'name-missing': remark('3.3', 'data planes have names'),
  'name-characters': remark('3.3', 'names are made of letters, digits, underscore and point'),
  'item-count': violation('3.3', 'nitems is a whole number of at least 1'),
  'tag-count': violation('3.3', 'a list of tags has one number per item'),
  'tag-number': violation('3.3', 'tags and their interval, first and last value are numbers, the interval positive'),
  'tags-ignored': remark('3.3', 'one of tag list and tag interval decides; first and last tag go with an interval'),
  'base-time': violation('3.3', 'base is a time, and units beside it a time interval'),
  // Properties.
  'property-name': remark('4.1', 'property names are made of letters, digits and underscore'),
  'property-twice': remark('4.1', 'a property has one value and one type'),
  'property-type': remark('4.1', 'type words are those of the table, spelled as there'),
  'property-value': violation('4.1', 'the value has the syntax of its type'),
  'fill-value': violation('7', 'a fill value is a number'),
  'x-tag-width-units': remark('12.3', 'xTagWidth is a time interval where x is a time; it is ignored otherwise'),
  // Records.
  'number-unreadable': violation('5.1', 'ascii fields hold a number'),
  'number-trailing-text': remark('5.1', 'nothing stands behind the number in an ascii field'),
  'time-unreadable': violation('5.3', 'time fields hold a time'),
  'field-separator': violation('2.2', 'the last byte of a text field is white space'),
  'separator-form': remark('2.2', 'text fields end with a blank, the last one of a record with a newline'),
  'x-undefined': violation('12.1', 'every record has an x that is neither fill, NaN nor infinite'),
  'nan-value': remark('7', 'NaN counts as fill here, but spoils the averages of older filters'),
  'not-monotonic': violation('4.4', 'x never decreases within a packet type where xMonotonic says so'),
  'x-decreases': remark('12.2', 'going back in time closes a bin, so bins appear twice in reduced data'),
  // Messages.
  'message-attribute': violation('8.1', 'comments have type, source and value, exceptions type and message'),
  'message-text-form': remark('8.1', 'value and message are attributes; text between the tags is the das 3 form'),
  'log-level': remark('8.1', 'log levels are finest finer fine config info warning error'),
  'task-value': violation('8.1', 'taskSize is a whole number above 0, taskProgress one from 0 to taskSize'),
  'data-after-exception': remark('8.1', 'an exception is the last packet'),
  // QStreams.
  'q-header': violation('14.1', 'byte_order is big_endian or little_endian, and QStreams are never compressed'),
  'q-attribute': remark('14', 'elements have the attributes of section 14'),
  'q-element': violation('14.2', 'descriptors are made of the elements of section 14.2'),
  'q-no-datasets': violation('14.2', 'a packet has at least one data set'),
  'q-id': violation('14.2', 'a data set has an id of its own in its packet'),
  'q-values': violation('14.2', 'a data set has values or members'),
  'q-encoding': violation('14.2', 'the encoding is one of section 14.2'),
  'q-length': violation('14.2', 'length is empty or a list of positive whole numbers'),
  'q-rank': remark('14.2', 'the rank is one more than the number of lengths in streamed data'),
  'q-inline': violation('14.2', 'in-line data are numbers, as many as length says'),
  'q-inline-records': violation('14.2', 'a packet type with in-line data alone has no records'),
  'q-record-limit': remark('14.1', 'records of more than 1000000 bytes are refused by clients'),
  'q-property': violation('14.2', 'a property has a name, and a value or an element'),
  'q-property-type': remark('14.2', 'type words of properties are those of section 14.2'),
  'q-property-value': violation('14.2', 'the value of a property has the syntax of its type'),
  'q-reference': violation('14.2', 'names of axes and members, and dataset_id, are data sets of the stream'),
  'q-message': violation('14.2', 'comments have a message, enumeration units name, value and label'),
  'q-text-unreadable': remark('14.2', 'text fields hold a number or a time; others count as NaN'),
  // What Autoplot's reader insists on.
  'client-pipe-tags': client('packets have tags in brackets'),
  'client-trailing-bytes': client('nothing is left over at the end'),
  'client-exception': client('any exception ends the reading, so data before it may be lost'),
  'client-name': client('at most one data plane of a packet has no name'),
  'client-last-tag': client('a series of tags has its first tag; yTagMax alone is refused'),
  'client-x-first': client('x is the first plane'),
  'client-time-units': client('units beside time text are time units'),
  'client-property-type': client('type words of properties are spelled as in the table of 4.1'),
  'client-tag-width': client('xTagWidth and yTagWidth are Datum, others are ignored'),
  'client-cache-tag': client('xCacheRange is a DatumRange or TimeRange and xCacheResolution a Datum'),
  'client-task-size': client('a progress bar needs taskSize before taskProgress'),
} as const satisfies Record<string, Rule>;

export type RuleCode = keyof typeof VALIDATOR_RULES;

/** All codes in the order of the table. */
export const RULE_CODES = Object.keys(VALIDATOR_RULES) as readonly RuleCode[];
