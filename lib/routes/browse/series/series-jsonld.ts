/**
 * A series as data of schema.org, for search engines and catalogues (browse-export 8, 11): what it is and where its data are, and, where citations are switched on, who
 * made it and under which terms.
 */

import type { BrowseFacts } from '../../../browse/facts/facts.js';
import { seriesAddress } from '../../../browse/forms/links.js';
import type { Series } from '../../../browse/naming/series.js';
import { blockWords } from '../../../browse/record/block.js';
import { triadName } from '../../../browse/record/item-name.js';
import { wholeName } from '../../../cite/forms/text-styles.js';
import { metadataOf } from '../../../cite/making/source-metadata.js';
import { Html } from '../../../page/html.js';
import { siteName } from '../../../page/layout.js';
import { encodeQueryValue } from '../../../request/query-string.js';
import type { Source } from '../../../source/source.js';
import { parseValidRange } from '../../../source/valid-range.js';
import { formatTime } from '../../../stream/time-text.js';

const STREAM_TYPE = 'application/vnd.das2.das2stream';

/** The document. `source`: the definition behind the series. */
export function seriesJsonLd(facts: BrowseFacts, series: Series, source: Source | undefined): Record<string, unknown> {
  const { places, context, now } = facts;
  const address = seriesAddress(series, places);
  const valid = series.validRange === undefined ? undefined : parseValidRange(series.validRange, now);
  const text = source?.entries.get('summary')?.trim() || series.description || series.label;
  const words = [
    series.observable?.label,
    series.coverage?.label,
    ...series.regions,
    series.spacecraft,
    series.instrument,
  ];
  const keywords = words.filter((word): word is string => word !== undefined);
  return {
    '@context': 'https://schema.org/',
    '@type': 'Dataset',
    '@id': address,
    url: address,
    name: series.label,
    description: `${text} (records of ${blockWords(series.grid.block)})`,
    identifier: triadName(series),
    ...(valid !== undefined && { temporalCoverage: `${formatTime(valid.begin)}Z/${formatTime(valid.end)}Z` }),
    ...(series.parameters !== undefined && { variableMeasured: series.parameters.split(', ') }),
    ...(keywords.length > 0 && { keywords }),
    ...(source !== undefined && context.configuration.flag('CITE_ENABLE') && makers(facts, source)),
    includedInDataCatalog: { '@type': 'DataCatalog', name: siteName(context.configuration), url: places.browse },
    ...(series.dataset !== undefined &&
      series.kind === 'stream' && {
        distribution: [
          {
            '@type': 'DataDownload',
            encodingFormat: STREAM_TYPE,
            contentUrl: `${places.main}?server=dataset&dataset=${encodeQueryValue(series.dataset)}`,
          },
        ],
      }),
  };
}

function makers({ context }: BrowseFacts, source: Source): Record<string, unknown> {
  const { creators, publisher, year, version, license, doi } = metadataOf(context, source);
  const terms = license?.url ?? license?.id;
  return {
    ...(creators.length > 0 && {
      creator: creators.map((agent) => ({
        '@type': agent.isOrganization ? 'Organization' : 'Person',
        name: wholeName(agent),
        ...(agent.orcid !== undefined && { '@id': `https://orcid.org/${agent.orcid}` }),
      })),
    }),
    publisher: { '@type': 'Organization', name: publisher.name },
    ...(year !== undefined && { datePublished: year }),
    ...(version !== undefined && { version }),
    ...(terms !== undefined && { license: terms }),
    ...(doi !== undefined && { sameAs: `https://doi.org/${doi}` }),
  };
}

/** The document inside of a page: no text can end the element. */
export function jsonLdElement(value: unknown): Html {
  return new Html(`<script type="application/ld+json">${JSON.stringify(value).replace(/</g, '\\u003c')}</script>`);
}
