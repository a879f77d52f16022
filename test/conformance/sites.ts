/** The sites that the conformance cases are sent to: the protocol's fixture, and what differs from it. */
import type { ProtocolFixtureOptions } from '../tools/protocol-fixture.js';

/** Sites that differ from the fixture. */
export type SiteName = 'plain' | 'noLogo' | 'ignoreRedirect' | 'noAccounts' | 'more';

const MORE_SOURCES: Readonly<Record<string, string>> = {
  'Examples/Bad': 'description = Bad\nthis line has no equals sign\n',
  'Examples/Cut': 'reader = stub_half\ndas2Stream = 1\n',
  'Examples/Home': "reader = stub_rdr\nserver = 'https://das.example.org/das/server/'\ndas2Stream = 1\n",
  'Examples/Macro': "reader = 'stub_rdr $(PARAMS,all)'\ndropParams = 1\ndas2Stream = 1\n",
  'Examples/Self': "rename = 'Examples/Self'\ndas2Stream = 1\n",
};

/** How the sites are laid out. */
export const SITES: Readonly<Record<SiteName, ProtocolFixtureOptions & { readonly remove?: readonly string[] }>> = {
  plain: {},
  noLogo: { remove: ['static/logo.png'] },
  ignoreRedirect: { settings: { IGNORE_REDIRECT: 'true' } },
  noAccounts: { remove: ['etc/passwd'] },
  more: { sources: MORE_SOURCES },
};
