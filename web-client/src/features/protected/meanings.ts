/** What a member of a token means, and where that is written. */
export interface Meaning {
  text: string;
  /** `RFC 7519 §4.1.1`. */
  source: string;
  url: string;
}

/** The members of the header (RFC 7515). */
export const HEADER_MEANINGS: Readonly<Record<string, Meaning>> = {
  typ: rfc(
    9068,
    "2.1",
    "What kind of token this is. It keeps others, such as ID tokens, from being taken for one.",
  ),
  alg: rfc(7515, "4.1.1", "How it is signed. Services accept what they expect here, and nothing else."),
  kid: rfc(7515, "4.1.4", "Which of the published keys the signature is to be checked with."),
};

/** The claims of an access token (RFC 9068). */
export const CLAIM_MEANINGS: Readonly<Record<string, Meaning>> = {
  iss: rfc(7519, "4.1.1", "Who has issued it. Services trust one issuer, by exactly this name."),
  sub: rfc(
    7519,
    "4.1.2",
    "Whom it speaks for: your id, which no other account ever gets. Names may change hands.",
  ),
  aud: rfc(7519, "4.1.3", "For whom it is meant. A service that does not find itself here refuses it."),
  exp: rfc(
    7519,
    "4.1.4",
    "From then on it is good no more. That is soon, so that a stolen one is of little use.",
  ),
  iat: rfc(7519, "4.1.6", "When it was issued."),
  jti: rfc(7519, "4.1.7", "The token's own id. No two tokens have the same."),
  client_id: rfc(9068, "2.2", "The program it was issued to. Ours is the first party's own."),
  scope: rfc(8693, "4.2", "What may be done with it, at the most."),
  roles: rfc(9068, "2.2.3.1", "What you are here. Pages for administrators ask for admin."),
  username: rfc(7662, "2.2", "Your name, for showing. Nothing is decided by it."),
  auth_time: rfc(9068, "2.2.1", "When you gave your password."),
  sid: {
    text: "Your session. It stays the same while the token is renewed, and ends when you log out.",
    source: "OpenID Connect Front-Channel Logout §3",
    url: "https://openid.net/specs/openid-connect-frontchannel-1_0.html#OPLogout",
  },
  status: {
    text: "Your session's place in a published list of bits. When it ends, the bit is set, and every service sees it.",
    source: "Token Status List §6.2",
    url: "https://datatracker.ietf.org/doc/draft-ietf-oauth-status-list/",
  },
};

function rfc(number: number, section: string, text: string): Meaning {
  const url = `https://www.rfc-editor.org/rfc/rfc${number}#section-${section}`;
  return { text, source: `RFC ${number} §${section}`, url };
}
