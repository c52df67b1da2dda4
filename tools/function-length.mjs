// How long a function may be: lines of its own, without those of functions within it. So a factory is as long as what it does
// itself, and each function that it makes is counted on its own.

/** Lines of `node` that hold code and lie in no function within it. A template is text, and no code. */
const ownLines = (node, inner, source) => {
  const code = new Set();
  for (const token of source.getTokens(node))
    if (token.type === 'Template') code.add(token.loc.start.line);
    else code.add(token.loc.start.line).add(token.loc.end.line);
  for (const { loc } of inner)
    for (let line = loc.start.line + 1; line <= loc.end.line; line++) code.delete(line);
  return code.size;
};

export const functionLength = {
  meta: {
    type: 'suggestion',
    schema: [{ type: 'object', properties: { max: { type: 'integer' } }, additionalProperties: false }],
    docs: { description: 'how many lines of its own a function has' },
  },
  create(context) {
    const { max = 60 } = context.options[0] ?? {};
    const open = [];
    const enter = (node) => open.push({ node, inner: [] });
    const leave = () => {
      const { node, inner } = open.pop();
      open.at(-1)?.inner.push(node);
      const lines = ownLines(node, inner, context.sourceCode);
      if (lines > max)
        context.report({
          node,
          message: `This function has ${lines} lines of its own, at most ${max} are allowed.`,
        });
    };
    const kinds = ['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression'];
    return Object.fromEntries(
      kinds.flatMap((kind) => [
        [kind, enter],
        [`${kind}:exit`, leave],
      ]),
    );
  },
};
