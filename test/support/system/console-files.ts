/** What is missing of the console at this edge: its page, and everything that it imports, in turn. */
export const consoleProblems = async (edge: string): Promise<string[]> => {
  const problems: string[] = [];
  const paths = new Set(['/console', '/console/main.ts', '/console/style.css', '/console/icon.svg']);
  for (const path of paths) {
    const r = await fetch(edge + path);
    const text = await r.text();
    if (r.status !== 200 || text === '')
      problems.push(`${path} answers ${r.status}, ${text.length} characters`);
    for (const [, to] of text.matchAll(/\b(?:from|import)\s*["']([^"']+)["']/g))
      paths.add(new URL(to, edge + path).pathname);
  }
  return paths.size > 20 ? problems : [...problems, `only ${paths.size} files`];
};
