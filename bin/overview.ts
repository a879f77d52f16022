/**
 * What `das2srv --help` says: every program with its purpose. Loaded when somebody asks, never by a program at work.
 *
 * Contract: a purpose for each program of the table in das2srv.ts: that hands its names over, and is not compiled if one is missing here.
 */

const PURPOSES = {
  das1_ascii: 'prints a plain das1 stream as text',
  das1_bin_avg: 'averages a plain das1 stream over bins',
  das1_inctime: 'adds seconds to a time',
  das2_ascii: 'writes the values of a das2 stream as text',
  das2_bin_avg: 'averages over bins in the units of x',
  das2_bin_avgsec: 'averages over bins of seconds',
  das2_bin_minmaxavgsec: 'mean, least and greatest value in bins of seconds',
  das2_bin_peakavgsec: 'mean and peak in bins of seconds',
  das2_bin_ratesec: 'counts records in bins of seconds',
  das2_binary: 'writes the values of a das2 stream as binary numbers',
  das2_cache_rdr: 'sends a part of the cache of a source',
  das2_csv: 'writes a das2 stream as a table for spreadsheets',
  das2_digest: 'prints and checks hashes of the values of streams',
  das2_from_das1: 'runs a das1 reader and writes a das2 stream',
  das2_from_tagged_das1: 'turns a tagged das1 stream into a das2 stream',
  das2_hapi: 'writes a das2 stream as a HAPI table',
  das2_histo: 'counts how often each value occurs',
  das2_prtime: 'prints a time in one form, whatever form it has',
  das2_psd: 'turns waveforms into power spectral densities',
  das2_srv_arbiter: 'the worker: does the jobs that wait in the queue',
  das2_srv_browse_index: 'brings the naming table of the browse pages up to date',
  das2_srv_cache: 'fills, inspects and empties the cache',
  das2_srv_check: 'checks settings, rights, sources and a running server',
  das2_srv_cite: 'looks after the log of citations',
  das2_srv_httpd: 'the data server with a web server of its own',
  das2_srv_passwd: 'accounts and groups of people',
  das2_srv_todo: 'adds jobs to the queue, shows and changes what is in it',
  das2_srv_usage: 'counts requests by source, month and client',
  das2_srvcgi_browse: 'CGI: which records there are for one time',
  das2_srvcgi_logrdr: 'CGI: the log viewer',
  das2_srvcgi_main: 'CGI: the data server',
  das2_valid: 'checks das2 streams and QStreams',
} as const;

type ProgramName = keyof typeof PURPOSES;

/** The help text; `names` in the order in which they are shown. */
export function overview(names: readonly ProgramName[]): string {
  const width = Math.max(...names.map((name) => name.length));
  const rows = names.map((name) => `  ${name.padEnd(width)}  ${PURPOSES[name]}`);
  return `Usage: das2srv PROGRAM [ARGUMENT]...
       das2srv --list | --version | --licenses | --help

Runs one of the programs of das2srv. Each is also this same file under a name of its own.

  --list      print the names of all programs
  --version   print version and commit
  --licenses  print the terms of das2srv, its runtime and the packages inside
  -h, --help  print this text

Programs:
${rows.join('\n')}

Filters read standard input and write standard output. Every program has a --help of its own.

Status: that of the program; 100 for a name that is none.

Example: what the first of them has to say

  das2srv ${names[0] ?? 'PROGRAM'} --help
`;
}
