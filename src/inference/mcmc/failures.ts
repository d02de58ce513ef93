/** Why a chain cannot go on, before it is known which site is to blame. */

/** The step-size search has no upper end: the density does not fall. */
export class ImproperPosterior extends Error {}

/** The step-size search has no lower end: the density jumps. */
export class NotContinuous extends Error {}

/** No proposal has been accepted for so many transitions; `when` says in which, for people. */
export class Stuck extends Error {
  constructor(when = "since the middle of warm-up") {
    super(`no proposal has been accepted ${when}`);
  }
}
