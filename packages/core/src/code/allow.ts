/**
 * Names that the screen would refuse because an unwelcome word happens to be inside them. Lower case, ASCII; a match is
 * forgiven when it lies wholly inside one of these. Only names that are read as names belong here: a given name that is
 * itself a swear word in English stays refused, and its owner gets a code from the surname or a friendly word.
 */
export const allowedNames: readonly string[] = [
  // anal: Spanish, German, English, Italian
  ..."analia analisa analise analeigh analena annalena annalisa annalise annaleigh annaliese annalu analu danalis kanal sanal".split(
    " ",
  ),
  // anus: Slavic, Armenian, Indian, Latin
  ..."anush dhanush tanush stephanus adrianus christianus silvanus hanus".split(" "),
  // ass, arse
  ..."assel asselin arsema".split(" "),
  // cum: Turkish
  ..."cumali cumhur".split(" "),
  // dick, dyke
  ..."dickson dickinson dickerson dickman vandyke".split(" "),
  // fag: Brazilian, Irish, Persian, Swedish
  ..."fagundes fagan faghihi fagerstrom fagerlund fagioli faggian".split(" "),
  // fuk: Japanese
  ..."fukuda fukui fukumi fukumoto fukushi fukuko fukunaga fukuyama fukada".split(" "),
  // kike: Yoruba
  ..."kikelomo".split(" "),
  // nazi: Italian, Arabic, Turkish, Urdu
  ..."ignazi nazia nazif nazih nazila nazim nazir nazish nazifa nazima nazira".split(" "),
  // orgy
  ..."georgy".split(" "),
  // piss, semen, shit, turd, wank
  ..."pissarro".split(" "),
  ..."semenov semenova semenyuk semenenko".split(" "),
  ..."shitara akshit rakshit lakshit dakshit harshit rishit mokshit dikshit shital shitanshu".split(" "),
  ..."turdiyev turdieva".split(" "),
  ..."wankhede wankel".split(" "),
];
