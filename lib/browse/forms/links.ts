/**
 * Addresses that belong to a record (browse-export 3.2, 7.3): its data, plot and citation at the main program, and the page of its series.
 *
 * Contract: the times of a data request are UTC, whatever the scale of the series.
 */
import { encodeQueryValue } from '../../request/query-string.js';
import type { FoundRecord } from '../find/found-records.js';
import type { Series } from '../naming/series.js';
import { parsePart } from '../record/part.js';
import type { LeapTable } from '../time/leap-table.js';
import { civilOf, DAY_SECONDS, type Instant, isoText } from '../time/scales.js';

/** Addresses of the programs, without a slash at the end. */
export interface Places {
  readonly main: string;
  readonly browse: string;
  /** The main program makes citations. */
  readonly hasCitations?: boolean;
}

export interface RecordLinks {
  readonly data?: string;
  readonly plot?: string;
  readonly cite?: string;
  /** The files of a record of files. */
  readonly files?: string;
  readonly page: string;
}

type Place = Pick<FoundRecord, 'series' | 'record' | 'part' | 'start' | 'stop' | 'state'>;

/** The addresses for a record. Records of files have their list of files in place of a data address; series without a source have neither. */
export function recordLinks(row: Place, places: Places, table: LeapTable): RecordLinks {
  const { series, state } = row;
  const page = seriesAddress(series, places);
  const { dataset } = series;
  if (dataset === undefined || state === 'absent') return { page };
  if (series.kind === 'files') return { files: fileAddress(series, row.record, places), page };
  const asked = dataQuery(dataset, row, table);
  return {
    data: `${places.main}?server=dataset&${asked}`,
    plot: `${places.main}/source/${encodeQueryValue(dataset)}.html?${rangeQuery(row, table)}${intervalQuery(series)}`,
    ...(places.hasCitations === true && { cite: `${places.main}?server=citation&${asked}` }),
    page,
  };
}

/** Where a plot of a record of a stream is made; undefined for other records. */
export function pictureAddress(row: Place, places: Places, table: LeapTable): string | undefined {
  const { series, state } = row;
  if (series.dataset === undefined || series.kind === 'files' || state === 'absent') return undefined;
  return `${places.main}?server=image&${dataQuery(series.dataset, row, table)}`;
}

/** Where a record of a stream is as a table with its header, for HAPI clients; undefined for records of which there is none. */
export function tableAddress(row: Place, places: Places, table: LeapTable): string | undefined {
  const { series, state } = row;
  if (series.dataset === undefined || series.hasTable !== true || series.kind === 'files' || state === 'absent')
    return undefined;
  const range = `time.min=${requestTime(row.start, table)}Z&time.max=${requestTime(row.stop, table)}Z`;
  const names = planesOf(row);
  const columns = names.length === 0 ? '' : `&parameters=${names.join(',')}`;
  return `${places.main}/hapi/data?id=${encodeQueryValue(series.dataset)}&${range}${columns}&format=csv&include=header`;
}

/** The planes that a part of a record names; none: all. */
function planesOf({ part }: Place): readonly string[] {
  return (part === undefined ? undefined : parsePart(part)?.names) ?? [];
}

/** What is asked for: source, time, interval, planes. */
function dataQuery(dataset: string, row: Place, table: LeapTable): string {
  const names = planesOf(row);
  const planes = names.length === 0 ? '' : `&planes=${names.join(',')}`;
  return `dataset=${encodeQueryValue(dataset)}&${rangeQuery(row, table)}${intervalQuery(row.series)}${planes}`;
}

function intervalQuery({ interval }: Series): string {
  return interval === undefined ? '' : `&interval=${encodeQueryValue(interval)}`;
}

/** The page of a series. */
export function seriesAddress({ prog, level, series }: Series, { browse }: Places): string {
  return `${browse}/series/${prog}/${level}/${series}`;
}

/** The list of the files of a record, or one of them. */
export function fileAddress(series: Series, record: number, { browse }: Places, member?: string): string {
  const list = `${browse}/file/${series.prog}/${series.level}/${series.series}/${record}`;
  return member === undefined ? list : `${list}/${encodeQueryValue(member)}`;
}

/** The small picture of a file of a record. */
export function thumbnailAddress(series: Series, record: number, places: Places, member: string): string {
  return `${fileAddress(series, record, places)}/thumbnails/${encodeQueryValue(member)}`;
}

/** Begin and end of a record as parameters of a data request. */
function rangeQuery({ start, stop }: Pick<Place, 'start' | 'stop'>, table: LeapTable): string {
  return `start_time=${requestTime(start, table)}&end_time=${requestTime(stop, table)}`;
}

/** A moment as readers understand it: UTC without a zone. A leap second is the begin of the next minute to them. */
export function requestTime(instant: Instant, table: LeapTable): string {
  const civil = civilOf(instant, 'UTC', table);
  const known = civil.second < DAY_SECONDS ? civil : { ...civil, day: civil.day + 1, second: 0 };
  return isoText(known, 'TAI');
}
