// Generated from producer/openapi.json by `npm run generate`. Do not edit.


export type Submission = {
    /**
     * Well-formed Unicode without control characters and without embeddings, overrides and isolates of the writing direction, stored in NFC. By default, at most 1,024 code points and 4 KiB. At most 30 combining marks in a row.
     */
    word: string;
    /**
     * Determines order and partition. The same characters as in a word. At most 256 bytes by default. Default: the normalized word.
     */
    key?: string;
    /**
     * Idempotency-Key of this submission alone. It replaces the header.
     */
    idempotencyKey?: string;
};

export type Accepted = {
    /**
     * ID of the submission. It never changes.
     */
    id: string;
};

export type Entry = {
    status: 202;
    /**
     * ID of the submission. It never changes.
     */
    id: string;
} | {
    status: number;
    /**
     * Stable. See docs/reference/errors.md.
     */
    code: 'ACCESS_DENIED' | 'BROKER_UNAVAILABLE' | 'RECORD_TOO_LARGE' | 'INPUT_INVALID' | 'INPUT_TOO_LARGE' | 'UNAUTHENTICATED' | 'QUOTA_EXCEEDED' | 'FORBIDDEN' | 'MISDIRECTED' | 'KEYS_UNAVAILABLE' | 'KEY_REUSED' | 'NOT_FOUND' | 'VIEW_OFF' | 'VIEW_BEHIND' | 'OPERATORS_OFF' | 'OPERATORS_AWAY' | 'PROCESSORS_AWAY' | 'BUFFER_FULL' | 'APPEND_UNCONFIRMED' | 'STOPPING' | 'INTERNAL';
    /**
     * The property or header that is wrong, or `body`.
     */
    field?: string;
    /**
     * ID of the submission. It never changes.
     */
    id?: string;
    /**
     * Explanation for people. May change.
     */
    detail: string;
};

/**
 * What became of one line of a stream.
 */
export type StatusLine = {
    /**
     * Counts from 1.
     */
    line: number;
} & Entry;

export type Problem = {
    /**
     * Default: `about:blank`.
     */
    type?: string;
    title: string;
    status: number;
    /**
     * Stable. See docs/reference/errors.md.
     */
    code: 'ACCESS_DENIED' | 'BROKER_UNAVAILABLE' | 'RECORD_TOO_LARGE' | 'INPUT_INVALID' | 'INPUT_TOO_LARGE' | 'UNAUTHENTICATED' | 'QUOTA_EXCEEDED' | 'FORBIDDEN' | 'MISDIRECTED' | 'KEYS_UNAVAILABLE' | 'KEY_REUSED' | 'NOT_FOUND' | 'VIEW_OFF' | 'VIEW_BEHIND' | 'OPERATORS_OFF' | 'OPERATORS_AWAY' | 'PROCESSORS_AWAY' | 'BUFFER_FULL' | 'APPEND_UNCONFIRMED' | 'STOPPING' | 'INTERNAL';
    /**
     * The property or header that is wrong, or `body`.
     */
    field?: string;
    /**
     * ID of the submission. It never changes.
     */
    id?: string;
    /**
     * Explanation for people. May change.
     */
    detail: string;
    /**
     * With `QUOTA_EXCEEDED`: the names of the quotas.
     */
    'violated-policies'?: Array<string>;
    /**
     * With `NOT_FOUND` for `asOf`: from when on the view knows. Milliseconds since 1970, UTC.
     */
    since?: number;
};

export type BatchAnswer = {
    /**
     * With 207: what to resend, and how.
     */
    detail?: string;
    accepted: number;
    /**
     * One entry per submission, in order.
     */
    submissions: Array<Entry>;
};

export type BatchProblem = {
    /**
     * Default: `about:blank`.
     */
    type?: string;
    title: string;
    status: number;
    /**
     * Stable. See docs/reference/errors.md.
     */
    code: 'ACCESS_DENIED' | 'BROKER_UNAVAILABLE' | 'RECORD_TOO_LARGE' | 'INPUT_INVALID' | 'INPUT_TOO_LARGE' | 'UNAUTHENTICATED' | 'QUOTA_EXCEEDED' | 'FORBIDDEN' | 'MISDIRECTED' | 'KEYS_UNAVAILABLE' | 'KEY_REUSED' | 'NOT_FOUND' | 'VIEW_OFF' | 'VIEW_BEHIND' | 'OPERATORS_OFF' | 'OPERATORS_AWAY' | 'PROCESSORS_AWAY' | 'BUFFER_FULL' | 'APPEND_UNCONFIRMED' | 'STOPPING' | 'INTERNAL';
    /**
     * The property or header that is wrong, or `body`.
     */
    field?: string;
    /**
     * ID of the submission. It never changes.
     */
    id?: string;
    /**
     * Explanation for people. May change.
     */
    detail: string;
    /**
     * With `QUOTA_EXCEEDED`: the names of the quotas.
     */
    'violated-policies'?: Array<string>;
    accepted?: 0;
    /**
     * One entry per submission, in order.
     */
    submissions?: Array<Entry>;
};

export type Attempt = {
    /**
     * Counts from 1.
     */
    attempt: number;
    /**
     * How often the word had been redriven.
     */
    redrive: number;
    /**
     * When it ended, as written. Milliseconds since 1970, UTC.
     */
    endedAt: number;
    outcome: 'failed' | 'passed' | 'given-up';
    /**
     * Reason code of the failure.
     */
    reason?: string;
    /**
     * When the next attempt is due. Milliseconds since 1970, UTC.
     */
    nextDueAt?: number;
    /**
     * From its end until then.
     */
    idleMs?: number;
};

export type Step = {
    what: 'accepted' | 'queued' | 'retrying' | 'parked' | 'redriven' | 'verdict' | 'dead-lettered' | 'unknown' | 'skipped';
    /**
     * When the record was written. Milliseconds since 1970, UTC.
     */
    at?: number;
    /**
     * Topic of the record.
     */
    topic?: string;
    partition?: number;
    offset?: number;
    /**
     * How often the word had been redriven.
     */
    redrive: number;
    /**
     * The next attempt, or how many were made.
     */
    attempt?: number;
    /**
     * When the next attempt is due. Milliseconds since 1970, UTC.
     */
    dueAt?: number;
    /**
     * Reason code.
     */
    reason?: string;
    /**
     * Explanation for people.
     */
    error?: string;
    /**
     * The check that failed.
     */
    stage?: string;
    /**
     * Operator, as the tool reported it.
     */
    by?: string;
    /**
     * Of an outcome: the identity at the broker of the processor that wrote it, in digits. Read from Kafka by the view.
     */
    producerId?: string;
    /**
     * Its epoch: how often that identity was taken over.
     */
    producerEpoch?: number;
};

/**
 * As in the topic `results`.
 */
export type Verdict = {
    id: string;
    word: string;
    /**
     * True if every check answered true.
     */
    accepted: boolean;
    checks: Array<{
        check: string;
        answer: boolean;
        detail: string | null;
    }>;
    /**
     * Attempts made.
     */
    attempts: number;
    /**
     * When the edge accepted it. Milliseconds since 1970, UTC.
     */
    submittedAt: number;
    /**
     * When its checks were done. Milliseconds since 1970, UTC.
     */
    judgedAt: number;
    /**
     * Offset in `words`.
     */
    origin: number;
};

export type Word = {
    /**
     * ID of the submission.
     */
    id: string;
    key?: string;
    /**
     * `accepted`: stored, and not read by a processor yet. `queued`: in its lane, not attempted yet. `retrying`: an attempt has failed, the next is due. `parked`: waits for an operator. `redriven`: an operator has put it back. `verdict`, `dead-lettered`: the outcome. `unknown`: a processor has read it, and what came of it is not known until it is decided.
     */
    state: 'accepted' | 'queued' | 'retrying' | 'parked' | 'redriven' | 'verdict' | 'dead-lettered' | 'unknown';
    /**
     * Why, in one sentence for people. May change.
     */
    reason: string;
    /**
     * The view has not come to it yet.
     */
    seen?: false;
    partition?: number;
    /**
     * Offset in `words`: its place in the order of its key.
     */
    origin?: number;
    /**
     * How often it was redriven.
     */
    redrive?: number;
    /**
     * When the edge accepted it. Milliseconds since 1970, UTC.
     */
    submittedAt?: number;
    /**
     * The attempt that runs next.
     */
    attempt?: number;
    /**
     * When it is due. Milliseconds since 1970, UTC.
     */
    dueAt?: number;
    behind?: {
        /**
         * The first word of its key that has no outcome.
         */
        id: string;
        /**
         * How many are before it.
         */
        ahead: number;
    };
    verdict?: Verdict;
    attempts?: Array<Attempt>;
    /**
     * Each step, and the record in Kafka that proves it.
     */
    receipt?: Array<Step>;
    /**
     * Steps that did not fit.
     */
    stepsLeftOut?: number;
    /**
     * Outcomes under this ID in the view. More than 1 if it was evaluated again.
     */
    ends?: number;
    /**
     * Everything written before this is in the answer. Milliseconds since 1970, UTC.
     */
    asOf?: number;
};

/**
 * One word of a key.
 */
export type KeyLine = {
    id: string;
    /**
     * `accepted`: stored, and not read by a processor yet. `queued`: in its lane, not attempted yet. `retrying`: an attempt has failed, the next is due. `parked`: waits for an operator. `redriven`: an operator has put it back. `verdict`, `dead-lettered`: the outcome. `unknown`: a processor has read it, and what came of it is not known until it is decided.
     */
    state: 'accepted' | 'queued' | 'retrying' | 'parked' | 'redriven' | 'verdict' | 'dead-lettered' | 'unknown';
    reason: string;
    partition: number;
    origin: number;
    changedAt: number;
    accepted?: boolean;
};

/**
 * One word of a lane.
 */
export type LaneWord = {
    id: string;
    /**
     * `accepted`: stored, and not read by a processor yet. `queued`: in its lane, not attempted yet. `retrying`: an attempt has failed, the next is due. `parked`: waits for an operator. `redriven`: an operator has put it back. `verdict`, `dead-lettered`: the outcome. `unknown`: a processor has read it, and what came of it is not known until it is decided.
     */
    state: 'accepted' | 'queued' | 'retrying' | 'parked' | 'redriven' | 'verdict' | 'dead-lettered' | 'unknown';
    reason: string;
    partition: number;
    origin: number;
    changedAt: number;
    accepted?: boolean;
    /**
     * 0: the head. Else how many are before it.
     */
    place: number;
    /**
     * When the edge accepted it. Milliseconds since 1970, UTC.
     */
    submittedAt?: number;
    /**
     * The attempt that runs next.
     */
    attempt?: number;
    /**
     * When it is due. Milliseconds since 1970, UTC.
     */
    dueAt?: number;
    attempts: Array<Attempt>;
};

export type KeyPage = {
    key: string;
    /**
     * What is undecided and was read by a processor. With the first page.
     */
    lane?: {
        /**
         * Words in the lane.
         */
        size: number;
        /**
         * With `asOf`: more words wait now than one answer reads, so there may have been more than `size` then.
         */
        atLeast?: true;
        /**
         * Its head and the words behind it, in order, at most 20.
         */
        first: Array<LaneWord>;
    };
    words: Array<KeyLine>;
    /**
     * Send it as `below` for the next page.
     */
    next?: number;
    /**
     * Everything written before this is in the answer. Milliseconds since 1970, UTC.
     */
    asOf: number;
    /**
     * With `asOf`, the key can be asked for as it was at any time from this on. Milliseconds since 1970, UTC.
     */
    since: number;
};

export type Summary = {
    /**
     * By the clock of this edge. Milliseconds since 1970, UTC.
     */
    now: number;
    /**
     * Everything written before this is in the answer. Milliseconds since 1970, UTC.
     */
    asOf: number;
    /**
     * Words in the view.
     */
    words: number;
    /**
     * Words that no processor has come to.
     */
    untaken: {
        /**
         * How many.
         */
        words: number;
        /**
         * When the edge accepted the oldest. Milliseconds since 1970, UTC.
         */
        oldestAt?: number;
    };
    /**
     * Undecided words that processors have read.
     */
    lanes: {
        /**
         * Behind another, or about to run.
         */
        queued: number;
        /**
         * An attempt has failed, the next is due.
         */
        retrying: number;
        /**
         * Keys that wait for an operator.
         */
        parked: number;
        /**
         * Put back by an operator.
         */
        redriven: number;
    };
    /**
     * For how long the retry that is due for longest has been. Of the first 10,000 that wait.
     */
    dueLagMs: number;
    minute: {
        /**
         * Words accepted in each of the last 60 seconds, the oldest first.
         */
        accepted: Array<number>;
        /**
         * Verdicts in each of the last 60 seconds, the oldest first.
         */
        verdicts: Array<number>;
        /**
         * Words given up in each of the last 60 seconds, the oldest first.
         */
        deadLetters: Array<number>;
        /**
         * From the acceptance of a word to its verdict in `results`, within a tenth. Missing without verdicts.
         */
        endToEnd?: {
            /**
             * Half are faster.
             */
            p50Ms: number;
            /**
             * 99 of 100 are faster.
             */
            p99Ms: number;
        };
    };
};

/**
 * `data` of the event `verdict` in the stream of results.
 */
export type Result = {
    partition: number;
    /**
     * Its place in `results`.
     */
    offset: number;
    /**
     * When it was written. Milliseconds since 1970, UTC.
     */
    at?: number;
    key?: string;
    /**
     * ID of the submission.
     */
    id: string;
    /**
     * `null` if it cannot be read.
     */
    verdict: Verdict | null;
};

export type Me = {
    /**
     * `anonymous` without a token.
     */
    principal: string;
    scopes: Array<'submit' | 'read' | 'read:all' | 'read:text' | 'operate'>;
    /**
     * No token was needed.
     */
    open: boolean;
    /**
     * When the token ends, milliseconds since 1970.
     */
    until?: number;
};

export type Letter = {
    topic: string;
    partition: number;
    offset: number;
    /**
     * When it was dead-lettered. Milliseconds since 1970, UTC.
     */
    timestamp: number;
    /**
     * Who wrote it; `verdikt` for ours.
     */
    dialect: string;
    id: string | null;
    keyText: string | null;
    /**
     * Reason code.
     */
    reason: string;
    /**
     * `reject` or `retry-exhausted`.
     */
    kind: string;
    /**
     * The check that failed.
     */
    stage: string;
    /**
     * The failure, as the check says it.
     */
    error: string;
    attempts: number | null;
    disposition: 'final' | 'parked';
    /**
     * Bytes of the record for which it is a stub; 0: it is whole.
     */
    stub: number;
    /**
     * How often it was redriven before.
     */
    redrive: number;
    original: {
        topic: string | null;
        partition: number | null;
        offset: number | null;
        timestamp: number | null;
    };
    /**
     * `open`: never redriven. `parked`: its key waits for an operator. `redriven`, `skipped`: by an operator. `quarantined`: redriven too often.
     */
    status: 'open' | 'parked' | 'redriven' | 'skipped' | 'quarantined';
};

export type LetterPage = {
    letters: Array<Letter>;
    /**
     * Send it as `from`. Absent: that was all.
     */
    next?: string;
    /**
     * The command that does the same.
     */
    cli: string;
};

export type LetterGroups = {
    groups: Array<{
        /**
         * Reason code; `(others)` beyond 200 of them.
         */
        reason: string;
        /**
         * Dead letters.
         */
        count: number;
        /**
         * By status.
         */
        statuses: {
            [key: string]: number;
        };
        /**
         * By the check that failed.
         */
        stages: {
            [key: string]: number;
        };
        /**
         * When the first was dead-lettered. Milliseconds since 1970, UTC.
         */
        oldest: number;
        /**
         * When the last was dead-lettered. Milliseconds since 1970, UTC.
         */
        newest: number;
        example: {
            partition: number;
            offset: number;
            id: string | null;
            error: string;
        };
    }>;
    /**
     * Dead letters that were counted.
     */
    total: number;
    /**
     * False: there are more than could be read in 15 s.
     */
    complete: boolean;
    /**
     * The command that does the same.
     */
    cli: string;
};

export type LetterShown = {
    topic: string;
    partition: number;
    offset: number;
    /**
     * When it was dead-lettered. Milliseconds since 1970, UTC.
     */
    timestamp: number;
    /**
     * Who wrote it; `verdikt` for ours.
     */
    dialect: string;
    id: string | null;
    keyText: string | null;
    /**
     * Reason code.
     */
    reason: string;
    /**
     * `reject` or `retry-exhausted`.
     */
    kind: string;
    /**
     * The check that failed.
     */
    stage: string;
    /**
     * The failure, as the check says it.
     */
    error: string;
    attempts: number | null;
    disposition: 'final' | 'parked';
    /**
     * Bytes of the record for which it is a stub; 0: it is whole.
     */
    stub: number;
    /**
     * How often it was redriven before.
     */
    redrive: number;
    /**
     * As above; of a stub, whether the original is still there: `found` or `gone`.
     */
    original: unknown;
    /**
     * `open`: never redriven. `parked`: its key waits for an operator. `redriven`, `skipped`: by an operator. `quarantined`: redriven too often.
     */
    status: 'open' | 'parked' | 'redriven' | 'skipped' | 'quarantined';
    /**
     * Where it is now, in one sentence.
     */
    where: string;
    answer: {
        [key: string]: unknown;
    } | null;
    payload: {
        format: 'avro' | 'json' | 'text' | 'hex' | 'empty' | 'hidden';
        /**
         * By fields, as text, or in hexadecimal.
         */
        content: unknown;
        note: string;
    };
    headers: Array<[
        string,
        string
    ]>;
    /**
     * The command that does the same.
     */
    cli: string;
};

export type Operation = {
    /**
     * Its ID; needed to resume it.
     */
    operation: string;
    action: 'redrive' | 'skip';
    /**
     * `unknown`: another edge or tool has begun it, and its end is not noted. Resume it with its ID. `done`: every letter has a result, or the tasks have fallen silent (`unanswered`).
     */
    state: 'running' | 'done' | 'failed' | 'unknown';
    /**
     * Who began it.
     */
    by: string;
    /**
     * When it began. Milliseconds since 1970, UTC.
     */
    startedAt: number;
    /**
     * When it ended. Milliseconds since 1970, UTC.
     */
    endedAt?: number;
    /**
     * Letters by result: `selected`, `applied`, `stale`, `refused`, `unanswered` and others.
     */
    counts: {
        [key: string]: number;
    };
    /**
     * Reasons that tasks gave, with how often.
     */
    reasons: {
        [key: string]: number;
    };
    error?: {
        code: string;
        message: string;
    };
    /**
     * The command that does the same.
     */
    cli: string;
};

export type DryRun = {
    operation: string;
    action: 'redrive' | 'skip';
    dryRun: true;
    /**
     * `selected`: admitted by the filter. `send`: would be written. Others would not, and why.
     */
    counts: {
        [key: string]: number;
    };
    /**
     * The first 100, in the order in which they would leave.
     */
    letters: Array<Letter>;
    /**
     * How many more there are.
     */
    more: number;
    /**
     * The command that does the same.
     */
    cli: string;
    /**
     * Of a redrive: the command that runs the chain over these letters, and writes nothing.
     */
    whatIf?: string;
};

export type Redrive = {
    /**
     * Every field must hold; a list holds if one of its values does.
     */
    filter?: {
        /**
         * Reason codes.
         */
        reasons?: Array<string>;
        /**
         * Keys.
         */
        keys?: Array<string>;
        /**
         * Submissions.
         */
        ids?: Array<string>;
        /**
         * Checks that failed.
         */
        stages?: Array<string>;
        /**
         * Who wrote them.
         */
        dialects?: Array<'verdikt' | 'share-group' | 'streams' | 'connect' | 'spring' | 'smallrye' | 'spring-cloud' | 'karafka' | 'unknown'>;
        dispositions?: Array<'final' | 'parked'>;
        /**
         * What has become of them.
         */
        statuses?: Array<'open' | 'parked' | 'redriven' | 'skipped' | 'quarantined'>;
        /**
         * Topics that they came from.
         */
        topics?: Array<string>;
        /**
         * Places, as `partition:offset`.
         */
        places?: Array<string>;
        partitions?: Array<number>;
        /**
         * Lowest offset in `words`.
         */
        originFrom?: number;
        /**
         * Highest offset in `words`.
         */
        originTo?: number;
        /**
         * Dead-lettered at or after this time. Milliseconds since 1970, UTC.
         */
        since?: number;
        /**
         * Dead-lettered before this time. Milliseconds since 1970, UTC.
         */
        until?: number;
    };
    /**
     * Submissions; the same as `filter.ids`.
     */
    ids?: Array<string>;
    /**
     * All dead letters. Needed if there is neither filter nor ids.
     */
    all?: boolean;
    /**
     * Only say what would be done. It is audited too.
     */
    dryRun?: boolean;
    /**
     * Resume this operation, or start one with this ID.
     */
    operation?: string;
    /**
     * Maximum number of letters, the oldest of each partition first.
     */
    max?: number;
    /**
     * Maximum number of letters per second.
     */
    rate?: number;
    /**
     * Letters that were redriven this often are quarantined instead. Default: `maxRedrives`.
     */
    maxRedrives?: number;
    /**
     * Also letters that are in quarantine.
     */
    includeQuarantined?: boolean;
    /**
     * Also letters whose schema the registry does not know.
     */
    forceUnknownSchema?: boolean;
};

export type Skip = {
    /**
     * Every field must hold; a list holds if one of its values does.
     */
    filter?: {
        /**
         * Reason codes.
         */
        reasons?: Array<string>;
        /**
         * Keys.
         */
        keys?: Array<string>;
        /**
         * Submissions.
         */
        ids?: Array<string>;
        /**
         * Checks that failed.
         */
        stages?: Array<string>;
        /**
         * Who wrote them.
         */
        dialects?: Array<'verdikt' | 'share-group' | 'streams' | 'connect' | 'spring' | 'smallrye' | 'spring-cloud' | 'karafka' | 'unknown'>;
        dispositions?: Array<'final' | 'parked'>;
        /**
         * What has become of them.
         */
        statuses?: Array<'open' | 'parked' | 'redriven' | 'skipped' | 'quarantined'>;
        /**
         * Topics that they came from.
         */
        topics?: Array<string>;
        /**
         * Places, as `partition:offset`.
         */
        places?: Array<string>;
        partitions?: Array<number>;
        /**
         * Lowest offset in `words`.
         */
        originFrom?: number;
        /**
         * Highest offset in `words`.
         */
        originTo?: number;
        /**
         * Dead-lettered at or after this time. Milliseconds since 1970, UTC.
         */
        since?: number;
        /**
         * Dead-lettered before this time. Milliseconds since 1970, UTC.
         */
        until?: number;
    };
    /**
     * Submissions; the same as `filter.ids`.
     */
    ids?: Array<string>;
    /**
     * All dead letters. Needed if there is neither filter nor ids.
     */
    all?: boolean;
    /**
     * Only say what would be done. It is audited too.
     */
    dryRun?: boolean;
    /**
     * Resume this operation, or start one with this ID.
     */
    operation?: string;
    /**
     * Maximum number of letters, the oldest of each partition first.
     */
    max?: number;
    /**
     * Maximum number of letters per second.
     */
    rate?: number;
};

export type WhatIf = {
    /**
     * Every field must hold; a list holds if one of its values does.
     */
    filter?: {
        /**
         * Reason codes.
         */
        reasons?: Array<string>;
        /**
         * Keys.
         */
        keys?: Array<string>;
        /**
         * Submissions.
         */
        ids?: Array<string>;
        /**
         * Checks that failed.
         */
        stages?: Array<string>;
        /**
         * Who wrote them.
         */
        dialects?: Array<'verdikt' | 'share-group' | 'streams' | 'connect' | 'spring' | 'smallrye' | 'spring-cloud' | 'karafka' | 'unknown'>;
        dispositions?: Array<'final' | 'parked'>;
        /**
         * What has become of them.
         */
        statuses?: Array<'open' | 'parked' | 'redriven' | 'skipped' | 'quarantined'>;
        /**
         * Topics that they came from.
         */
        topics?: Array<string>;
        /**
         * Places, as `partition:offset`.
         */
        places?: Array<string>;
        partitions?: Array<number>;
        /**
         * Lowest offset in `words`.
         */
        originFrom?: number;
        /**
         * Highest offset in `words`.
         */
        originTo?: number;
        /**
         * Dead-lettered at or after this time. Milliseconds since 1970, UTC.
         */
        since?: number;
        /**
         * Dead-lettered before this time. Milliseconds since 1970, UTC.
         */
        until?: number;
    };
    /**
     * Submissions; the same as `filter.ids`.
     */
    ids?: Array<string>;
    /**
     * All dead letters. Needed if there is neither filter nor ids.
     */
    all?: boolean;
    /**
     * Also run checks that ask services, and modules. They are told that it is a forecast. Needs `forecastToken`.
     */
    allChecks?: boolean;
    /**
     * Maximum number of letters, the oldest of each partition first. Default 1000.
     */
    max?: number;
};

export type Forecast = {
    /**
     * The forecast in one sentence.
     */
    summary: string;
    counts: {
        /**
         * Letters that were asked about.
         */
        selected: number;
        /**
         * They would get a verdict.
         */
        pass: number;
        /**
         * Their first attempt would fail again.
         */
        fail: number;
        /**
         * The chain could not be asked to its end.
         */
        unknown: number;
        /**
         * Records behind parked keys whose head would pass.
         */
        followersFreed: number;
    };
    /**
     * Checks that were run, in order.
     */
    checks: Array<string>;
    notRun: string | null;
    letters: Array<{
        partition: number;
        offset: number;
        id: string | null;
        key: string | null;
        /**
         * Of a parked key: records that wait behind it.
         */
        followers: number;
        outcome: 'pass' | 'fail' | 'unknown';
        /**
         * Of `pass`: whether its verdict would accept the word.
         */
        accepted?: boolean;
        /**
         * Of the others: reason code.
         */
        reason?: string;
        /**
         * Of the others: the check. May be empty.
         */
        stage?: string;
        /**
         * Of the others: in the words of the check.
         */
        detail?: string;
    }>;
    /**
     * Letters that were left out, by `max` or for lack of time.
     */
    more: number;
    /**
     * The command that does the same. It needs the chain of the processors (`--chain`).
     */
    cli: string;
};

export type Reset = {
    tasks?: Array<number>;
    /**
     * All tasks.
     */
    all?: boolean;
    dryRun?: boolean;
};

export type ResetAnswer = {
    operation?: string;
    dryRun?: true;
    /**
     * By task: `applied`; `stale`: its limit was closed already; `unanswered`; `would-reset` of a dry run.
     */
    tasks: {
        [key: string]: string;
    };
    /**
     * The command that does the same.
     */
    cli: string;
};

export type Audits = {
    audits: Array<{
        operation: string;
        /**
         * When. Milliseconds since 1970, UTC.
         */
        at: number;
        /**
         * Who: the client of the edge, or the user of the command line.
         */
        by: string;
        /**
         * For example `redrive-begin`, `skip-end`, `reset`, `dry-run`.
         */
        action: string;
        /**
         * What was asked for.
         */
        filter: string;
        /**
         * Letters or tasks by result.
         */
        counts: {
            [key: string]: number;
        };
    }>;
    /**
     * False: there are older ones.
     */
    complete: boolean;
    /**
     * The command that does the same.
     */
    cli: string;
};

export type ParkedKeys = {
    keys: Array<{
        key: string | null;
        /**
         * Its partition.
         */
        task: number;
        head: {
            id: string | null;
            /**
             * Its offset in `words`.
             */
            origin: number;
            /**
             * How often it was redriven.
             */
            redrive: number;
            /**
             * Of its entry in the retry topic.
             */
            offset: number;
            /**
             * Since when. Milliseconds since 1970, UTC.
             */
            parkedAt: number;
            /**
             * Reason code.
             */
            reason: string;
        };
        /**
         * Records of the key that wait behind it.
         */
        followers: number;
        cli?: {
            /**
             * The command that does the same.
             */
            redrive: string;
            /**
             * The command that does the same.
             */
            skip: string;
        };
    }>;
    /**
     * Parked keys.
     */
    total: number;
    /**
     * Send it as `from`. Absent: that was all.
     */
    next?: number;
    /**
     * Tasks whose logs are not as they should be.
     */
    unknown: Array<number>;
    /**
     * When it was read. Milliseconds since 1970, UTC.
     */
    at: number;
    /**
     * The command that does the same.
     */
    cli: string;
};

export type Tasks = {
    /**
     * Its consumer group in Kafka.
     */
    system: string;
    /**
     * When it was read. Milliseconds since 1970, UTC.
     */
    at: number;
    group: {
        state: string;
        members: number;
    };
    tasks: Array<{
        /**
         * Its partition.
         */
        task: number;
        owner: {
            member: string;
            host: string;
        } | null;
        phase: string | null;
        committed: number | null;
        /**
         * Records of `words` that are not committed.
         */
        lag: number;
        records: number | null;
        lanes: number | null;
        due: number | null;
        overdueMs: number | null;
        parkedKeys: number | null;
        limit: {
            state: string;
            held: number;
        } | null;
        dedup: {
            ids: number;
            windowMs: number;
        } | null;
    }>;
    processors: Array<{
        url: string | null;
        member: string;
        reachable: boolean;
        problem: string | null;
        tasks: Array<number>;
        standby: string | null;
        circuits: Array<{
            check: string;
            state: string;
        }>;
        memory: {
            rssBytes: number;
            limitBytes: number;
        } | null;
    }>;
    /**
     * What stands still until somebody or something else acts.
     */
    waits: Array<{
        for: 'operator' | 'dependency';
        kind: string;
        task?: number;
        code?: string;
        what: string;
        remedy?: string;
    }>;
    /**
     * Tasks of which no processor could be asked.
     */
    unknown: Array<number>;
    /**
     * The command that does the same.
     */
    cli: string;
};

export type SubmitWordData = {
    body: Submission;
    headers?: {
        /**
         * Makes resending safe. Submissions with the same value, key and word are the same: they get the same ID and are evaluated once within the dedup window, whether they come alone, in a batch or in a stream, in any order. On batches and streams, the value applies to all items. Equal items are one submission, unless each has its own `idempotencyKey`. The value may be a quoted string (`"a"` equals `a`).
         */
        'idempotency-key'?: string;
        /**
         * W3C trace context. It is passed on with the record.
         */
        traceparent?: string;
        /**
         * `wait=N`: wait up to N seconds for the outcome, at most 30 (RFC 7240). Other preferences are ignored. The answer says `Preference-Applied` if it was waited for.
         */
        prefer?: string;
    };
    path?: never;
    query?: {
        /**
         * The same as `Prefer: wait`, for example `5s`.
         */
        wait?: string;
    };
    url: '/v1/words';
};

export type SubmitWordErrors = {
    /**
     * Not valid. `code` and `field` say why.
     */
    400: Problem;
    /**
     * The token is missing, unknown or expired.
     */
    401: Problem;
    /**
     * The token does not have the scope `submit`; or the page of another site sent it, and this edge looks at names (see 421).
     */
    403: Problem;
    /**
     * The body did not arrive in time. Nothing was stored: resend it.
     */
    408: Problem;
    /**
     * Too large.
     */
    413: Problem;
    /**
     * Unsupported media type, or a content encoding.
     */
    415: Problem;
    /**
     * The name in `Host` is not one of this edge. Only if it is open on loopback, or `hostNames` are configured.
     */
    421: Problem;
    /**
     * The Idempotency-Key was used for another submission, as far as the view of this edge knows (`KEY_REUSED`). Nothing was stored.
     */
    422: Problem;
    /**
     * This client has sent more than its quota (`quotaPerSecond`, off by default). `RateLimit` and `RateLimit-Policy` are on all answers then.
     */
    429: Problem;
    /**
     * A bug in verdikt.
     */
    500: Problem;
    /**
     * Not stored: resend it. With `APPEND_UNCONFIRMED` it may be stored: resend it with the same Idempotency-Key, and it is evaluated once. Without one, it may be evaluated twice.
     */
    503: Problem;
};

export type SubmitWordError = SubmitWordErrors[keyof SubmitWordErrors];

export type SubmitWordResponses = {
    /**
     * NDJSON: one status line per line. JSON: the outcome, if it came while the request waited for it (`wait`).
     */
    200: Word;
    /**
     * Stored by all in-sync replicas.
     */
    202: Accepted;
};

export type SubmitWordResponse = SubmitWordResponses[keyof SubmitWordResponses];

export type SubmitBatchData = {
    body: Array<Submission>;
    headers?: {
        /**
         * Makes resending safe. Submissions with the same value, key and word are the same: they get the same ID and are evaluated once within the dedup window, whether they come alone, in a batch or in a stream, in any order. On batches and streams, the value applies to all items. Equal items are one submission, unless each has its own `idempotencyKey`. The value may be a quoted string (`"a"` equals `a`).
         */
        'idempotency-key'?: string;
        /**
         * W3C trace context. It is passed on with the record.
         */
        traceparent?: string;
    };
    path?: never;
    query?: never;
    url: '/v1/words:batch';
};

export type SubmitBatchErrors = {
    /**
     * Not valid. `code` and `field` say why.
     */
    400: BatchProblem;
    /**
     * The token is missing, unknown or expired.
     */
    401: BatchProblem;
    /**
     * The token does not have the scope `submit`; or the page of another site sent it, and this edge looks at names (see 421).
     */
    403: BatchProblem;
    /**
     * The body did not arrive in time. Nothing was stored: resend it.
     */
    408: BatchProblem;
    /**
     * Too large.
     */
    413: BatchProblem;
    /**
     * Unsupported media type, or a content encoding.
     */
    415: BatchProblem;
    /**
     * The name in `Host` is not one of this edge. Only if it is open on loopback, or `hostNames` are configured.
     */
    421: BatchProblem;
    /**
     * The Idempotency-Key was used for another submission, as far as the view of this edge knows (`KEY_REUSED`). Nothing was stored.
     */
    422: BatchProblem;
    /**
     * This client has sent more than its quota (`quotaPerSecond`, off by default). `RateLimit` and `RateLimit-Policy` are on all answers then.
     */
    429: BatchProblem;
    /**
     * A bug in verdikt.
     */
    500: BatchProblem;
    /**
     * Not stored: resend it. With `APPEND_UNCONFIRMED` it may be stored: resend it with the same Idempotency-Key, and it is evaluated once. Without one, it may be evaluated twice.
     */
    503: BatchProblem;
};

export type SubmitBatchError = SubmitBatchErrors[keyof SubmitBatchErrors];

export type SubmitBatchResponses = {
    /**
     * All stored.
     */
    202: BatchAnswer;
    /**
     * Some stored. The `status` of each entry says which. Resend the others, corrected, or the whole batch with the same Idempotency-Key.
     */
    207: BatchAnswer;
};

export type SubmitBatchResponse = SubmitBatchResponses[keyof SubmitBatchResponses];

export type GetWordData = {
    body?: never;
    headers?: {
        /**
         * `wait=N`: wait up to N seconds for the outcome, at most 30 (RFC 7240). Other preferences are ignored. The answer says `Preference-Applied` if it was waited for.
         */
        prefer?: string;
        /**
         * `ETag` of the answer that is known.
         */
        'if-none-match'?: string;
    };
    path: {
        /**
         * ID of the submission.
         */
        id: string;
    };
    query?: {
        /**
         * `<partition>.<offset>` of `Location`. It tells "not seen yet" from "never accepted", and finds in Kafka what is older than the view.
         */
        at?: string;
        /**
         * The same as `Prefer: wait`, for example `5s`.
         */
        wait?: string;
    };
    url: '/v1/words/{id}';
};

export type GetWordErrors = {
    /**
     * Not valid. `code` and `field` say why.
     */
    400: Problem;
    /**
     * The token is missing, unknown or expired.
     */
    401: Problem;
    /**
     * The token does not have the scope `read`.
     */
    403: Problem;
    /**
     * It was never accepted, is older than what the view keeps, or belongs to another client.
     */
    404: Problem;
    /**
     * The name in `Host` is not one of this edge. Only if it is open on loopback, or `hostNames` are configured.
     */
    421: Problem;
    /**
     * A bug in verdikt.
     */
    500: Problem;
    /**
     * This edge keeps no view (`VIEW_OFF`).
     */
    501: Problem;
    /**
     * The view has not read far enough to tell (`VIEW_BEHIND`), or the edge stops.
     */
    503: Problem;
};

export type GetWordError = GetWordErrors[keyof GetWordErrors];

export type GetWordResponses = {
    /**
     * What is known, whatever its state.
     */
    200: Word;
};

export type GetWordResponse = GetWordResponses[keyof GetWordResponses];

export type GetKeyData = {
    body?: never;
    path: {
        /**
         * The key, percent-encoded.
         */
        key: string;
    };
    query?: {
        /**
         * `next` of the page before.
         */
        below?: string;
        /**
         * Words per page: 1 to 100, the default.
         */
        limit?: string;
        /**
         * As it was at this time, milliseconds since 1970; not before `since`. Default: now.
         */
        asOf?: string;
    };
    url: '/v1/keys/{key}';
};

export type GetKeyErrors = {
    /**
     * Not valid. `code` and `field` say why.
     */
    400: Problem;
    /**
     * The token is missing, unknown or expired.
     */
    401: Problem;
    /**
     * The token does not have the scope `read`.
     */
    403: Problem;
    /**
     * `asOf` is before the time from which on the view knows the lane of this key; `since` names it.
     */
    404: Problem;
    /**
     * The name in `Host` is not one of this edge. Only if it is open on loopback, or `hostNames` are configured.
     */
    421: Problem;
    /**
     * A bug in verdikt.
     */
    500: Problem;
    /**
     * This edge keeps no view (`VIEW_OFF`).
     */
    501: Problem;
    /**
     * The view has not read far enough to tell (`VIEW_BEHIND`), or the edge stops.
     */
    503: Problem;
};

export type GetKeyError = GetKeyErrors[keyof GetKeyErrors];

export type GetKeyResponses = {
    /**
     * One page. None if the view knows none.
     */
    200: KeyPage;
};

export type GetKeyResponse = GetKeyResponses[keyof GetKeyResponses];

export type FindKeyData = {
    body?: never;
    path?: never;
    query: {
        /**
         * The key.
         */
        key: string;
        /**
         * `next` of the page before.
         */
        below?: string;
        /**
         * Words per page: 1 to 100, the default.
         */
        limit?: string;
        /**
         * As it was at this time, milliseconds since 1970; not before `since`. Default: now.
         */
        asOf?: string;
    };
    url: '/v1/keys';
};

export type FindKeyErrors = {
    /**
     * Not valid. `code` and `field` say why.
     */
    400: Problem;
    /**
     * The token is missing, unknown or expired.
     */
    401: Problem;
    /**
     * The token does not have the scope `read`.
     */
    403: Problem;
    /**
     * `asOf` is before the time from which on the view knows the lane of this key; `since` names it.
     */
    404: Problem;
    /**
     * The name in `Host` is not one of this edge. Only if it is open on loopback, or `hostNames` are configured.
     */
    421: Problem;
    /**
     * A bug in verdikt.
     */
    500: Problem;
    /**
     * This edge keeps no view (`VIEW_OFF`).
     */
    501: Problem;
    /**
     * The view has not read far enough to tell (`VIEW_BEHIND`), or the edge stops.
     */
    503: Problem;
};

export type FindKeyError = FindKeyErrors[keyof FindKeyErrors];

export type FindKeyResponses = {
    /**
     * One page. None if the view knows none.
     */
    200: KeyPage;
};

export type FindKeyResponse = FindKeyResponses[keyof FindKeyResponses];

export type GetSummaryData = {
    body?: never;
    path?: never;
    query?: never;
    url: '/v1/summary';
};

export type GetSummaryErrors = {
    /**
     * Not valid. `code` and `field` say why.
     */
    400: Problem;
    /**
     * The token is missing, unknown or expired.
     */
    401: Problem;
    /**
     * The token does not have the scope `read`.
     */
    403: Problem;
    /**
     * The name in `Host` is not one of this edge. Only if it is open on loopback, or `hostNames` are configured.
     */
    421: Problem;
    /**
     * A bug in verdikt.
     */
    500: Problem;
    /**
     * This edge keeps no view (`VIEW_OFF`).
     */
    501: Problem;
    /**
     * The view has not read far enough to tell (`VIEW_BEHIND`), or the edge stops.
     */
    503: Problem;
};

export type GetSummaryError = GetSummaryErrors[keyof GetSummaryErrors];

export type GetSummaryResponses = {
    /**
     * As of now.
     */
    200: Summary;
};

export type GetSummaryResponse = GetSummaryResponses[keyof GetSummaryResponses];

export type StreamResultsData = {
    body?: never;
    headers?: {
        /**
         * Position to go on from.
         */
        'last-event-id'?: string;
    };
    path?: never;
    query?: {
        /**
         * Only verdicts of this key.
         */
        key?: string;
        /**
         * Only that of this word.
         */
        id?: string;
        /**
         * Only such verdicts.
         */
        verdict?: 'accepted' | 'refused';
        /**
         * `start` for all that is kept, or a position, for clients that cannot set headers.
         */
        from?: string;
    };
    url: '/v1/results/stream';
};

export type StreamResultsErrors = {
    /**
     * Not valid. `code` and `field` say why.
     */
    400: Problem;
    /**
     * The token is missing, unknown or expired.
     */
    401: Problem;
    /**
     * The token does not have the scope `read`.
     */
    403: Problem;
    /**
     * The name in `Host` is not one of this edge. Only if it is open on loopback, or `hostNames` are configured.
     */
    421: Problem;
    /**
     * A bug in verdikt.
     */
    500: Problem;
    /**
     * This edge keeps no view (`VIEW_OFF`).
     */
    501: Problem;
    /**
     * The view has not read far enough to tell (`VIEW_BEHIND`), or the edge stops.
     */
    503: Problem;
};

export type StreamResultsError = StreamResultsErrors[keyof StreamResultsErrors];

export type StreamResultsResponses = {
    /**
     * Events; the `data` of each `verdict` is a Result.
     */
    200: string;
};

export type StreamResultsResponse = StreamResultsResponses[keyof StreamResultsResponses];

export type GetMeData = {
    body?: never;
    path?: never;
    query?: never;
    url: '/v1/me';
};

export type GetMeErrors = {
    /**
     * The token is missing, unknown or expired.
     */
    401: Problem;
    /**
     * The name in `Host` is not one of this edge. Only if it is open on loopback, or `hostNames` are configured.
     */
    421: Problem;
    /**
     * A bug in verdikt.
     */
    500: Problem;
    /**
     * The token cannot be checked now (`KEYS_UNAVAILABLE`), or the edge stops.
     */
    503: Problem;
};

export type GetMeError = GetMeErrors[keyof GetMeErrors];

export type GetMeResponses = {
    /**
     * The caller.
     */
    200: Me;
};

export type GetMeResponse = GetMeResponses[keyof GetMeResponses];

export type ListDeadLettersData = {
    body?: never;
    path?: never;
    query?: {
        /**
         * Reason codes, with commas between.
         */
        reason?: string;
        /**
         * Keys, with commas between.
         */
        key?: string;
        /**
         * Submissions, with commas between.
         */
        id?: string;
        /**
         * Checks that failed, with commas between.
         */
        stage?: string;
        /**
         * Any of open, parked, redriven, skipped, quarantined, with commas between.
         */
        status?: string;
        /**
         * `final`, `parked`.
         */
        disposition?: string;
        /**
         * Partitions, with commas between.
         */
        partition?: string;
        /**
         * Dead-lettered at or after this time: milliseconds, ISO 8601, or a period like `1h`.
         */
        since?: string;
        /**
         * Dead-lettered before this time.
         */
        until?: string;
        /**
         * Entries per page: 1 to 500; default 100.
         */
        limit?: string;
        /**
         * `next` of the page before.
         */
        from?: string;
    };
    url: '/v1/dead-letters';
};

export type ListDeadLettersErrors = {
    /**
     * Not valid. `code` and `field` say why.
     */
    400: Problem;
    /**
     * The token is missing, unknown or expired.
     */
    401: Problem;
    /**
     * The token does not have the scope `operate`.
     */
    403: Problem;
    /**
     * The name in `Host` is not one of this edge. Only if it is open on loopback, or `hostNames` are configured.
     */
    421: Problem;
    /**
     * A bug in verdikt.
     */
    500: Problem;
    /**
     * This edge does not serve operators (`OPERATORS_OFF`).
     */
    501: Problem;
    /**
     * Kafka does not answer, or too much is asked (`OPERATORS_AWAY`); or the edge stops.
     */
    503: Problem;
};

export type ListDeadLettersError = ListDeadLettersErrors[keyof ListDeadLettersErrors];

export type ListDeadLettersResponses = {
    /**
     * One page.
     */
    200: LetterPage;
};

export type ListDeadLettersResponse = ListDeadLettersResponses[keyof ListDeadLettersResponses];

export type GroupDeadLettersData = {
    body?: never;
    path?: never;
    query?: {
        /**
         * Reason codes, with commas between.
         */
        reason?: string;
        /**
         * Keys, with commas between.
         */
        key?: string;
        /**
         * Submissions, with commas between.
         */
        id?: string;
        /**
         * Checks that failed, with commas between.
         */
        stage?: string;
        /**
         * Any of open, parked, redriven, skipped, quarantined, with commas between.
         */
        status?: string;
        /**
         * `final`, `parked`.
         */
        disposition?: string;
        /**
         * Partitions, with commas between.
         */
        partition?: string;
        /**
         * Dead-lettered at or after this time: milliseconds, ISO 8601, or a period like `1h`.
         */
        since?: string;
        /**
         * Dead-lettered before this time.
         */
        until?: string;
    };
    url: '/v1/dead-letters/groups';
};

export type GroupDeadLettersErrors = {
    /**
     * Not valid. `code` and `field` say why.
     */
    400: Problem;
    /**
     * The token is missing, unknown or expired.
     */
    401: Problem;
    /**
     * The token does not have the scope `operate`.
     */
    403: Problem;
    /**
     * The name in `Host` is not one of this edge. Only if it is open on loopback, or `hostNames` are configured.
     */
    421: Problem;
    /**
     * A bug in verdikt.
     */
    500: Problem;
    /**
     * This edge does not serve operators (`OPERATORS_OFF`).
     */
    501: Problem;
    /**
     * Kafka does not answer, or too much is asked (`OPERATORS_AWAY`); or the edge stops.
     */
    503: Problem;
};

export type GroupDeadLettersError = GroupDeadLettersErrors[keyof GroupDeadLettersErrors];

export type GroupDeadLettersResponses = {
    /**
     * The groups.
     */
    200: LetterGroups;
};

export type GroupDeadLettersResponse = GroupDeadLettersResponses[keyof GroupDeadLettersResponses];

export type GetDeadLetterData = {
    body?: never;
    path: {
        /**
         * Of the dead-letter topic.
         */
        partition: string;
        /**
         * Of the dead letter.
         */
        offset: string;
    };
    query?: never;
    url: '/v1/dead-letters/{partition}/{offset}';
};

export type GetDeadLetterErrors = {
    /**
     * Not valid. `code` and `field` say why.
     */
    400: Problem;
    /**
     * The token is missing, unknown or expired.
     */
    401: Problem;
    /**
     * The token does not have the scope `operate`.
     */
    403: Problem;
    /**
     * There is none.
     */
    404: Problem;
    /**
     * The name in `Host` is not one of this edge. Only if it is open on loopback, or `hostNames` are configured.
     */
    421: Problem;
    /**
     * A bug in verdikt.
     */
    500: Problem;
    /**
     * This edge does not serve operators (`OPERATORS_OFF`).
     */
    501: Problem;
    /**
     * Kafka does not answer, or too much is asked (`OPERATORS_AWAY`); or the edge stops.
     */
    503: Problem;
};

export type GetDeadLetterError = GetDeadLetterErrors[keyof GetDeadLetterErrors];

export type GetDeadLetterResponses = {
    /**
     * The letter.
     */
    200: LetterShown;
};

export type GetDeadLetterResponse = GetDeadLetterResponses[keyof GetDeadLetterResponses];

export type RedriveDeadLettersData = {
    body: Redrive;
    path?: never;
    query?: {
        /**
         * How long to wait for the end, at most 30 s; default 2 s. The same as `Prefer: wait`.
         */
        wait?: string;
    };
    url: '/v1/dead-letters/redrive';
};

export type RedriveDeadLettersErrors = {
    /**
     * Not valid. `code` and `field` say why.
     */
    400: Problem;
    /**
     * The token is missing, unknown or expired.
     */
    401: Problem;
    /**
     * The token does not have the scope `operate`; or the page of another site sent it, and this edge looks at names (see 421).
     */
    403: Problem;
    /**
     * The body did not arrive in time.
     */
    408: Problem;
    /**
     * Too large.
     */
    413: Problem;
    /**
     * Unsupported media type, or a content encoding.
     */
    415: Problem;
    /**
     * The name in `Host` is not one of this edge. Only if it is open on loopback, or `hostNames` are configured.
     */
    421: Problem;
    /**
     * A bug in verdikt.
     */
    500: Problem;
    /**
     * This edge does not serve operators (`OPERATORS_OFF`).
     */
    501: Problem;
    /**
     * Kafka does not answer, or too much is asked (`OPERATORS_AWAY`); or the edge stops.
     */
    503: Problem;
};

export type RedriveDeadLettersError = RedriveDeadLettersErrors[keyof RedriveDeadLettersErrors];

export type RedriveDeadLettersResponses = {
    /**
     * It has ended; or what a dry run found.
     */
    200: Operation | DryRun;
    /**
     * It runs.
     */
    202: Operation;
};

export type RedriveDeadLettersResponse = RedriveDeadLettersResponses[keyof RedriveDeadLettersResponses];

export type SkipDeadLettersData = {
    body: Skip;
    path?: never;
    query?: {
        /**
         * How long to wait for the end, at most 30 s; default 2 s. The same as `Prefer: wait`.
         */
        wait?: string;
    };
    url: '/v1/dead-letters/skip';
};

export type SkipDeadLettersErrors = {
    /**
     * Not valid. `code` and `field` say why.
     */
    400: Problem;
    /**
     * The token is missing, unknown or expired.
     */
    401: Problem;
    /**
     * The token does not have the scope `operate`; or the page of another site sent it, and this edge looks at names (see 421).
     */
    403: Problem;
    /**
     * The body did not arrive in time.
     */
    408: Problem;
    /**
     * Too large.
     */
    413: Problem;
    /**
     * Unsupported media type, or a content encoding.
     */
    415: Problem;
    /**
     * The name in `Host` is not one of this edge. Only if it is open on loopback, or `hostNames` are configured.
     */
    421: Problem;
    /**
     * A bug in verdikt.
     */
    500: Problem;
    /**
     * This edge does not serve operators (`OPERATORS_OFF`).
     */
    501: Problem;
    /**
     * Kafka does not answer, or too much is asked (`OPERATORS_AWAY`); or the edge stops.
     */
    503: Problem;
};

export type SkipDeadLettersError = SkipDeadLettersErrors[keyof SkipDeadLettersErrors];

export type SkipDeadLettersResponses = {
    /**
     * It has ended; or what a dry run found.
     */
    200: Operation | DryRun;
    /**
     * It runs.
     */
    202: Operation;
};

export type SkipDeadLettersResponse = SkipDeadLettersResponses[keyof SkipDeadLettersResponses];

export type ForecastDeadLettersData = {
    body: WhatIf;
    path?: never;
    query?: never;
    url: '/v1/dead-letters/what-if';
};

export type ForecastDeadLettersErrors = {
    /**
     * Not valid. `code` and `field` say why.
     */
    400: Problem;
    /**
     * The token is missing, unknown or expired.
     */
    401: Problem;
    /**
     * The token does not have the scope `operate`; or the page of another site sent it, and this edge looks at names (see 421).
     */
    403: Problem;
    /**
     * The body did not arrive in time.
     */
    408: Problem;
    /**
     * Too large.
     */
    413: Problem;
    /**
     * Unsupported media type, or a content encoding.
     */
    415: Problem;
    /**
     * The name in `Host` is not one of this edge. Only if it is open on loopback, or `hostNames` are configured.
     */
    421: Problem;
    /**
     * A bug in verdikt.
     */
    500: Problem;
    /**
     * This edge does not serve operators (`OPERATORS_OFF`).
     */
    501: Problem;
    /**
     * No processor makes a forecast, and `detail` says why of each (`PROCESSORS_AWAY`); Kafka does not answer, or another forecast is being made (`OPERATORS_AWAY`); or the edge stops.
     */
    503: Problem;
};

export type ForecastDeadLettersError = ForecastDeadLettersErrors[keyof ForecastDeadLettersErrors];

export type ForecastDeadLettersResponses = {
    /**
     * The forecast.
     */
    200: Forecast;
};

export type ForecastDeadLettersResponse = ForecastDeadLettersResponses[keyof ForecastDeadLettersResponses];

export type ResetDeadLetterLimitsData = {
    body: Reset;
    path?: never;
    query?: never;
    url: '/v1/dead-letters/reset';
};

export type ResetDeadLetterLimitsErrors = {
    /**
     * Not valid. `code` and `field` say why.
     */
    400: Problem;
    /**
     * The token is missing, unknown or expired.
     */
    401: Problem;
    /**
     * The token does not have the scope `operate`; or the page of another site sent it, and this edge looks at names (see 421).
     */
    403: Problem;
    /**
     * The body did not arrive in time.
     */
    408: Problem;
    /**
     * Too large.
     */
    413: Problem;
    /**
     * Unsupported media type, or a content encoding.
     */
    415: Problem;
    /**
     * The name in `Host` is not one of this edge. Only if it is open on loopback, or `hostNames` are configured.
     */
    421: Problem;
    /**
     * A bug in verdikt.
     */
    500: Problem;
    /**
     * This edge does not serve operators (`OPERATORS_OFF`).
     */
    501: Problem;
    /**
     * Kafka does not answer, or too much is asked (`OPERATORS_AWAY`); or the edge stops.
     */
    503: Problem;
};

export type ResetDeadLetterLimitsError = ResetDeadLetterLimitsErrors[keyof ResetDeadLetterLimitsErrors];

export type ResetDeadLetterLimitsResponses = {
    /**
     * The answers.
     */
    200: ResetAnswer;
};

export type ResetDeadLetterLimitsResponse = ResetDeadLetterLimitsResponses[keyof ResetDeadLetterLimitsResponses];

export type GetOperationData = {
    body?: never;
    path: {
        /**
         * ID of the operation.
         */
        operation: string;
    };
    query?: never;
    url: '/v1/operations/{operation}';
};

export type GetOperationErrors = {
    /**
     * Not valid. `code` and `field` say why.
     */
    400: Problem;
    /**
     * The token is missing, unknown or expired.
     */
    401: Problem;
    /**
     * The token does not have the scope `operate`.
     */
    403: Problem;
    /**
     * There is none.
     */
    404: Problem;
    /**
     * The name in `Host` is not one of this edge. Only if it is open on loopback, or `hostNames` are configured.
     */
    421: Problem;
    /**
     * A bug in verdikt.
     */
    500: Problem;
    /**
     * This edge does not serve operators (`OPERATORS_OFF`).
     */
    501: Problem;
    /**
     * Kafka does not answer, or too much is asked (`OPERATORS_AWAY`); or the edge stops.
     */
    503: Problem;
};

export type GetOperationError = GetOperationErrors[keyof GetOperationErrors];

export type GetOperationResponses = {
    /**
     * Its state.
     */
    200: Operation;
};

export type GetOperationResponse = GetOperationResponses[keyof GetOperationResponses];

export type ListParkedKeysData = {
    body?: never;
    path?: never;
    query?: {
        /**
         * Entries per page: 1 to 500; default 100.
         */
        limit?: string;
        /**
         * `next` of the page before.
         */
        from?: string;
    };
    url: '/v1/parked-keys';
};

export type ListParkedKeysErrors = {
    /**
     * Not valid. `code` and `field` say why.
     */
    400: Problem;
    /**
     * The token is missing, unknown or expired.
     */
    401: Problem;
    /**
     * The token does not have the scope `operate`.
     */
    403: Problem;
    /**
     * The name in `Host` is not one of this edge. Only if it is open on loopback, or `hostNames` are configured.
     */
    421: Problem;
    /**
     * A bug in verdikt.
     */
    500: Problem;
    /**
     * This edge does not serve operators (`OPERATORS_OFF`).
     */
    501: Problem;
    /**
     * Kafka does not answer, or too much is asked (`OPERATORS_AWAY`); or the edge stops.
     */
    503: Problem;
};

export type ListParkedKeysError = ListParkedKeysErrors[keyof ListParkedKeysErrors];

export type ListParkedKeysResponses = {
    /**
     * One page.
     */
    200: ParkedKeys;
};

export type ListParkedKeysResponse = ListParkedKeysResponses[keyof ListParkedKeysResponses];

export type GetTasksData = {
    body?: never;
    path?: never;
    query?: never;
    url: '/v1/tasks';
};

export type GetTasksErrors = {
    /**
     * Not valid. `code` and `field` say why.
     */
    400: Problem;
    /**
     * The token is missing, unknown or expired.
     */
    401: Problem;
    /**
     * The token does not have the scope `operate`.
     */
    403: Problem;
    /**
     * The name in `Host` is not one of this edge. Only if it is open on loopback, or `hostNames` are configured.
     */
    421: Problem;
    /**
     * A bug in verdikt.
     */
    500: Problem;
    /**
     * This edge does not serve operators (`OPERATORS_OFF`).
     */
    501: Problem;
    /**
     * Kafka does not answer, or too much is asked (`OPERATORS_AWAY`); or the edge stops.
     */
    503: Problem;
};

export type GetTasksError = GetTasksErrors[keyof GetTasksErrors];

export type GetTasksResponses = {
    /**
     * The state of the system.
     */
    200: Tasks;
};

export type GetTasksResponse = GetTasksResponses[keyof GetTasksResponses];

export type ListAuditsData = {
    body?: never;
    path?: never;
    query?: {
        /**
         * Entries per page: 1 to 500; default 100.
         */
        limit?: string;
    };
    url: '/v1/audit';
};

export type ListAuditsErrors = {
    /**
     * Not valid. `code` and `field` say why.
     */
    400: Problem;
    /**
     * The token is missing, unknown or expired.
     */
    401: Problem;
    /**
     * The token does not have the scope `operate`.
     */
    403: Problem;
    /**
     * The name in `Host` is not one of this edge. Only if it is open on loopback, or `hostNames` are configured.
     */
    421: Problem;
    /**
     * A bug in verdikt.
     */
    500: Problem;
    /**
     * This edge does not serve operators (`OPERATORS_OFF`).
     */
    501: Problem;
    /**
     * Kafka does not answer, or too much is asked (`OPERATORS_AWAY`); or the edge stops.
     */
    503: Problem;
};

export type ListAuditsError = ListAuditsErrors[keyof ListAuditsErrors];

export type ListAuditsResponses = {
    /**
     * The latest.
     */
    200: Audits;
};

export type ListAuditsResponse = ListAuditsResponses[keyof ListAuditsResponses];
