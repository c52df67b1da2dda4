/** Who wrote a dead letter, told by its headers. `unknown`: headers of nobody we know. */
export type Dialect =
  | 'verdikt'
  | 'spring'
  | 'spring-cloud'
  | 'streams'
  | 'connect'
  | 'share-group'
  | 'smallrye'
  | 'karafka'
  | 'unknown';

/** Where a dead letter lies. */
export interface Place {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

/** Where the record was read that became a dead letter; undefined where its headers do not say or make no sense. */
interface Original {
  readonly topic: string | undefined;
  readonly partition: number | undefined;
  readonly offset: number | undefined;
  /** Milliseconds since 1970. */
  readonly timestamp: number | undefined;
}

/** What the headers of a dead letter say, in one shape for all dialects. */
export interface Facts {
  readonly original: Original;
  /** A code or the name of a class, to group by; `unknown` where there is none. */
  readonly reason: string;
  /** A text for people; empty where there is none. */
  readonly error: string;
  /** The check, class, group or connector that failed; empty where there is none. */
  readonly stage: string;
  readonly attempts: number | undefined;
}

export interface DeadLetter extends Facts {
  readonly dialect: Dialect;
  readonly place: Place;
  /** Of the dead letter itself; milliseconds since 1970, -1 where it has none. */
  readonly timestamp: number;
  /** Of the submission; undefined in foreign dialects. */
  readonly id: string | undefined;
  /** How often it was redriven before. */
  readonly redrive: number;
  /** `parked`: a copy, its key waits for an operator. `final`: an end. Foreign ones are ends. */
  readonly disposition: 'final' | 'parked';
  /** `reject` or `retry-exhausted` of ours; empty otherwise. */
  readonly kind: string;
  /** Bytes of the record for which this letter of ours is a stub; 0: it is whole. */
  readonly stub: number;
}

/** `partition:offset`, as it is typed and shown. */
export const placeText = (p: Pick<Place, 'partition' | 'offset'>): string => `${p.partition}:${p.offset}`;
