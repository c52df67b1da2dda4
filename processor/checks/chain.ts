import type { Problem } from '@verdikt/core/config/problems.ts';
import { optionsInvalid } from '@verdikt/core/config/options.ts';
import type { Check } from '@verdikt/core/ports/chain.ts';
import { chainOf, type CheckChain } from './run-chain.ts';
import { stageFrom, textOf, type OwnChainSpec, type Stage, type StageDeps } from './stages.ts';

export type { StageDeps as ChainDeps } from './stages.ts';

/** All checks begun; where one fails, those before it are ended again. */
const begin = async (stages: readonly Stage[]): Promise<Check[]> => {
  const checks: Check[] = [];
  for (const [i, stage] of stages.entries()) {
    try {
      checks.push(await stage.begin());
    } catch (error) {
      await chainOf(checks).close();
      const remedy = 'see what it needs; the processor starts once it succeeds';
      throw optionsInvalid([
        { field: `chain/${i}`, problem: `the setup of ${stage.name} failed: ${textOf(error)}`, remedy },
      ]);
    }
  }
  return checks;
};

/**
 * The chain that a configuration describes; `specs` need not be validated. Files and modules are read here, once, and checks of your
 * own are set up; nothing is called yet. Rejects CONFIG_INVALID with all problems and their places (`chain/1/http/url`): unknown
 * checks, wrong options, names that occur twice, files and modules that cannot be read, a setup that failed.
 */
export const createChain = async (specs: readonly OwnChainSpec[], deps: StageDeps): Promise<CheckChain> => {
  const problems: Problem[] = [];
  const stages: Stage[] = [];
  if (!Array.isArray(specs) || specs.length === 0)
    problems.push({
      field: 'chain',
      problem: 'must list at least one check',
      remedy: 'for example ["palindrome"]',
    });
  for (const [i, spec] of (Array.isArray(specs) ? (specs as unknown[]) : []).entries()) {
    const stage = await stageFrom(spec, `chain/${i}`, problems, deps);
    if (stage === undefined) continue;
    if (stages.some((s) => s.name === stage.name)) {
      const problem = `the name ${stage.name} is taken`;
      const remedy = 'give each stage a name of its own in its options';
      problems.push({ field: `chain/${i}`, problem, remedy });
    }
    stages.push(stage);
  }
  if (problems.length > 0) throw optionsInvalid(problems);
  return chainOf(await begin(stages));
};
