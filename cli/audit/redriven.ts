interface Run {
  at: string;
  /** Of its newest retry entry. */
  offset: number;
  live: boolean;
  parked: boolean;
  completed: boolean;
  parkedCopy: boolean;
  late: boolean;
  end: string | undefined;
}

/** Records that were redriven, by (origin, redrive count). Few, so they are plain objects: about 300 bytes each. */
export class Redriven {
  readonly #runs = new Map<number, Map<number, Run>>();

  entered(origin: number, redrive: number, at: string, offset: number, parked: boolean): void {
    Object.assign(this.#run(origin, redrive), { at, offset, live: true, parked });
  }

  completed(origin: number, redrive: number, at: string, late: boolean): void {
    Object.assign(this.#run(origin, redrive), { at, live: false, parked: false, completed: true, late });
  }

  /** Copies of the first run are told as well, under count 0; they need no run. */
  parkedCopy(origin: number, redrive: number): void {
    if (redrive > 0) this.#run(origin, redrive).parkedCopy = true;
  }

  ended(origin: number, redrive: number, at: string, late: boolean, twice: (first: string) => void): void {
    const run = this.#run(origin, redrive);
    if (run.end !== undefined) return twice(run.end);
    run.end = at;
    run.late ||= late;
  }

  /** Newest run of an origin that is outstanding. */
  outstanding(origin: number): { readonly at: string; readonly parked: boolean } | undefined {
    const runs = this.#runs.get(origin);
    return runs === undefined ? undefined : [...runs.values()].find((r) => r.live && r.end === undefined);
  }

  /** Runs whose retry entry and end disagree. */
  *contradictions(): Generator<{
    kind: 'ended-in-lane' | 'completed-unended';
    origin: number;
    at: string;
    redrive: number;
  }> {
    for (const [origin, runs] of this.#runs)
      for (const [redrive, run] of runs) {
        if (run.late) continue;
        const common = { origin, redrive, at: run.at };
        if (run.live && run.end !== undefined) yield { kind: 'ended-in-lane', ...common };
        const goesOn = run.parkedCopy && runs.has(redrive + 1);
        if (run.completed && !run.live && run.end === undefined && !goesOn)
          yield { kind: 'completed-unended', ...common };
      }
  }

  /** See PartitionAudit.retryCut. */
  cut(start: number): void {
    for (const runs of this.#runs.values())
      for (const run of runs.values())
        if (run.live && run.offset < start) Object.assign(run, { live: false, completed: true, late: true });
  }

  #run(origin: number, redrive: number): Run {
    let runs = this.#runs.get(origin);
    if (runs === undefined) this.#runs.set(origin, (runs = new Map()));
    let run = runs.get(redrive);
    if (run === undefined) {
      run = {
        at: '',
        offset: 0,
        live: false,
        parked: false,
        completed: false,
        parkedCopy: false,
        late: false,
        end: undefined,
      };
      runs.set(redrive, run);
    }
    return run;
  }
}
