/** The smallest check: a function of the word. */
export default (word: string): boolean => word.length < 9;
