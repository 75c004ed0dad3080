// A page or heading that bears the words of a search stands before pages that only use them.
const Scorer = {
  objNameMatch: 11,
  objPartialMatch: 6,
  objPrio: { 0: 15, 1: 5, 2: -5 },
  objPrioDefault: 0,
  title: 100,
  partialTitle: 7,
  term: 5,
  partialTerm: 2,
};
