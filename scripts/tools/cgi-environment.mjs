/**
 * The environment in which a web server starts a CGI program for a request: one place for the build, the bench and the tests.
 *
 * Contract: the variables that RFC 3875 4.1 demands, and nothing of this process; `PATH` and the like are the caller's to add.
 */

/** A GET of /das/server from this machine, with `variables` besides or in place of what that gives. */
export function cgiEnvironment(variables = {}) {
  return {
    GATEWAY_INTERFACE: 'CGI/1.1',
    SERVER_PROTOCOL: 'HTTP/1.1',
    SERVER_SOFTWARE: 'test',
    SERVER_NAME: 'localhost',
    SERVER_PORT: '80',
    REQUEST_METHOD: 'GET',
    SCRIPT_NAME: '/das/server',
    QUERY_STRING: '',
    REMOTE_ADDR: '127.0.0.1',
    ...variables,
  };
}
