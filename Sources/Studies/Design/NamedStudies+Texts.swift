// Made by scripts/embed-studies. Change the files of Sources/Studies/Named instead.
// swift-format-ignore-file

extension NamedStudies {
    static let texts: [(name: String, text: String)] = [
        ("accuracy", ###"""
# At full size 68 arms x 8 seeds. Policies of 57k parameters, 300 updates.
study: accuracy
title: Static accuracy and the policy that a reward trains
question: >
  Does a reward of higher static accuracy train a better policy, and which signal from inside the run tells it early?
run:
  # Two classes of 16 equally likely answers: the best answer of a class is log 16 = 2.8 nats away from the base policy.
  world: {kind: lookup, prompts: 64, answers: 32, classes: 2, gold: graded}
  policy: {layers: 2, width: 48, heads: 3, mlp: 128}
  reward:
    - {name: proxy, kind: planted, accuracy: 1}
  regime: {kind: grpo, steps: 300, prompts-per-step: 16, group: 8, learning-rate: 1.0e-3}
  # Step 75 is 25% of training; exact meters at 13 steps.
  meters: {every: 15, exact-every: 25}
factors:
  regime:
    - level: best-of-n
      set: {regime.kind: best-of-n, regime.n: [1, 2, 4, 8, 16, 32, 64, 128, 256]}
    - {level: grpo}
    - {level: dpo, set: {regime.kind: dpo, regime.beta: 0.1}}
  mechanism:
    # One multiset of values per prompt, permuted: only accuracy varies.
    - {level: planted}
    # A reward model trained in the world, its labels flipped ...
    - {level: label-noise, set: {reward.proxy: {name: proxy, kind: learned, mechanism: label-noise, level: 0}}}
    # ... or its training stopped early, or its model narrow: one layer of one head.
    - {level: early-stopping, set: {reward.proxy: {name: proxy, kind: learned, mechanism: early-stopping, level: 300}}}
    - {level: capacity, set: {reward.proxy: {name: proxy, kind: learned, mechanism: capacity, level: 16}}}
  accuracy:
    - {level: 0.5, set: {reward.proxy.accuracy: 0.5}}
    - {level: 0.6, set: {reward.proxy.accuracy: 0.6}}
    - {level: 0.7, set: {reward.proxy.accuracy: 0.7}}
    - {level: 0.75, set: {reward.proxy.accuracy: 0.75}}
    - {level: 0.8, set: {reward.proxy.accuracy: 0.8}}
    - {level: 0.85, set: {reward.proxy.accuracy: 0.85}}
    - {level: 0.9, set: {reward.proxy.accuracy: 0.9}}
    - {level: 0.95, set: {reward.proxy.accuracy: 0.95}}
    - {level: 1, set: {reward.proxy.accuracy: 1}}
    - {level: 45% flipped, set: {reward.proxy.level: 0.45}}
    - {level: 40% flipped, set: {reward.proxy.level: 0.4}}
    - {level: 35% flipped, set: {reward.proxy.level: 0.35}}
    - {level: 30% flipped, set: {reward.proxy.level: 0.3}}
    - {level: 25% flipped, set: {reward.proxy.level: 0.25}}
    - {level: 20% flipped, set: {reward.proxy.level: 0.2}}
    - {level: 15% flipped, set: {reward.proxy.level: 0.15}}
    - {level: 8% flipped, set: {reward.proxy.level: 0.08}}
    - {level: none flipped, set: {reward.proxy.level: 0}}
    - {level: 30 updates, set: {reward.proxy.level: 30}}
    - {level: 75 updates, set: {reward.proxy.level: 75}}
    - {level: 150 updates, set: {reward.proxy.level: 150}}
    - {level: 300 updates, set: {reward.proxy.level: 300}}
    - {level: width 2, set: {reward.proxy.level: 2}}
    - {level: width 4, set: {reward.proxy.level: 4}}
    - {level: width 8, set: {reward.proxy.level: 8}}
    - {level: width 16, set: {reward.proxy.level: 16}}
exclude:
  - mechanism: planted
    accuracy: [45% flipped, 40% flipped, 35% flipped, 30% flipped, 25% flipped, 20% flipped, 15% flipped, 8% flipped,
      none flipped, 30 updates, 75 updates, 150 updates, 300 updates, width 2, width 4, width 8, width 16]
  - mechanism: label-noise
    accuracy: [0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 1, 30 updates, 75 updates, 150 updates, 300 updates,
      width 2, width 4, width 8, width 16]
  - mechanism: early-stopping
    accuracy: [0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 1, 45% flipped, 40% flipped, 35% flipped, 30% flipped,
      25% flipped, 20% flipped, 15% flipped, 8% flipped, none flipped, width 2, width 4, width 8, width 16]
  - mechanism: capacity
    accuracy: [0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 1, 45% flipped, 40% flipped, 35% flipped, 30% flipped,
      25% flipped, 20% flipped, 15% flipped, 8% flipped, none flipped, 30 updates, 75 updates, 150 updates, 300 updates]
  - {mechanism: [early-stopping, capacity], regime: [best-of-n, dpo]}
seeds: 8
controls: {a-a: true, placebo: true, of: {mechanism: planted, accuracy: 0.8}}
analyses:
  - kind: levels
    outcome: exact.gold
    factor: accuracy
    within: [regime, mechanism]
    against: static.accuracy
  - kind: interior-optimum
    outcome: exact.gold
    factor: accuracy
    within: [regime, mechanism]
    against: static.accuracy
    least-divergence: 2
  # The list of signals is fixed here, before the run, each with the direction in which it should go with the outcome.
  - kind: signal-tracking
    outcome: exact.gold
    factor: accuracy
    within: [regime, mechanism]
    where: {regime: [grpo, dpo]}
    at: 0.25
    signals:
      - reward.mean
      - reward.within-group-std
      - {meter: reward.groups-without-spread, direction: falls}
      - {meter: responses.agreement, direction: rises}
      - exact.kl
      - {meter: exact.entropy, direction: falls}
      - gold.mean
      - reward-gold.correlation
      - reward.accuracy
  - kind: signal-tracking
    outcome: exact.gold
    factor: accuracy
    within: [regime, mechanism]
    where: {regime: best-of-n}
    at: 0.25
    signals: [exact.reward, exact.kl, gold.mean]
  - kind: curves
    factor: accuracy
    within: [regime, mechanism]
    where: {regime: grpo, mechanism: planted, accuracy: [0.6, 0.8, 0.9, 1]}
    meters: [exact.gold, exact.reward, exact.kl, reward-gold.correlation, reward.accuracy, responses.agreement]
verdicts: {margin: 0.02, level: 0.95}

"""###),
        ("demo", ###"""
# What `assay demo` runs: small, and each part of the real studies once.
study: demo
title: A first look inside the run
question: >
  What does a reward's static accuracy say of the policy it trains, and what remains of a verifier when it is taken away?
run:
  world: {kind: lookup, prompts: 64, answers: 32, classes: 2, gold: graded}
  policy: {layers: 2, width: 48, heads: 3, mlp: 128}
  reward:
    - {name: proxy, kind: planted, accuracy: 0.8}
  regime: {kind: grpo, steps: 120, prompts-per-step: 16, group: 8, learning-rate: 2.0e-3}
  meters: {every: 10, exact-every: 10}
factors:
  arm:
    - {level: 0.6, set: {reward.proxy.accuracy: 0.6}}
    - {level: 0.75, set: {reward.proxy.accuracy: 0.75}}
    - {level: 0.9, set: {reward.proxy.accuracy: 0.9}}
    - {level: 1, set: {reward.proxy.accuracy: 1}}
    - level: best-of-n at 0.75
      set:
        reward.proxy.accuracy: 0.75
        regime: {kind: best-of-n, n: [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 128, 256]}
    - level: verifier
      set:
        reward.proxy: {name: proxy, kind: gold}
        pieces: [{kind: verifier, size: 4, training: real}]
        regime: {kind: rejection-ft, keep: 1, steps: 120, prompts-per-step: 16, group: 8, learning-rate: 2.0e-3}
    - level: sham verifier
      set:
        reward.proxy: {name: proxy, kind: gold}
        pieces: [{kind: verifier, size: 4, training: sham}]
        regime: {kind: rejection-ft, keep: 1, steps: 120, prompts-per-step: 16, group: 8, learning-rate: 2.0e-3}
seeds: 8
controls: {a-a: true, placebo: true, of: {arm: 0.9}}
analyses:
  - kind: levels
    outcome: exact.gold
    factor: arm
    where: {arm: [0.6, 0.75, 0.9, 1]}
    against: static.accuracy
  - {kind: withdrawal, factor: arm, piece: verifier, with: verifier, without: sham verifier}
  - {kind: overoptimization, factor: arm, where: {arm: [0.75, best-of-n at 0.75]}}
  - kind: curves
    factor: arm
    where: {arm: [0.6, 0.75, 0.9, 1]}
    meters: [exact.gold, exact.reward, exact.kl, reward.within-group-std, reward-gold.correlation, responses.agreement]
verdicts: {margin: 0.02, level: 0.95}

"""###),
        ("majority-vote", ###"""
study: majority-vote
title: The majority's answer as a reward
question: >
  How far does a policy get by rewarding what most of its samples say, when does that stop helping, and can it be seen without gold?
run:
  # The base policy gives the right content with probability 0.3 and each of seven others with 0.1: the majority is right
  # more often than a sample.
  world: {kind: match, contents: 8, styles: 2, lengths: 1, noise: 8, base-fit: 0.3}
  policy: {layers: 2, width: 48, heads: 3, mlp: 128}
  reward:
    - {name: answer, kind: vote, pattern: 'c\d+'}
  regime: {kind: grpo, steps: 300, prompts-per-step: 16, group: 16, learning-rate: 1.0e-3}
  # What agrees is the content, as the vote has it; styles may differ.
  meters: {every: 5, exact-every: 15, answer: {pattern: 'c\d+'}}
factors:
  reward:
    - {level: vote}
    - {level: gold, set: {reward.answer: {name: answer, kind: gold}}}
  learning-rate:
    - {level: 0.0003, set: {regime.learning-rate: 3.0e-4}}
    - {level: 0.001, set: {regime.learning-rate: 1.0e-3}}
    - {level: 0.01, set: {regime.learning-rate: 1.0e-2}}
  kl:
    - {level: 0}
    - {level: 0.1, set: {regime.kl.coefficient: 0.1}}
seeds: 8
controls: {a-a: true, placebo: true, of: {reward: vote, kl: 0}}
analyses:
  - {kind: levels, outcome: exact.gold, factor: learning-rate, within: [reward, kl]}
  - kind: break
    factor: learning-rate
    within: [reward, kl]
    where: {reward: vote}
    truth: reward-gold.correlation
    signals: [reward.mean, reward.within-group-std, responses.agreement, responses.distinct, kl.k3, entropy.response]
    model: level
  - kind: curves
    factor: learning-rate
    within: [reward, kl]
    where: {kl: 0}
    meters: [exact.gold, reward.mean, responses.agreement, reward-gold.correlation, calibration.ece, calibration.brier, exact.kl, exact.entropy]
verdicts: {margin: 0.02, level: 0.95}

"""###),
        ("overoptimization", ###"""
study: overoptimization
title: What a reward and gold gain with distance from the reference
question: >
  How far can a policy be pushed along a reward before gold turns down, by choosing among samples and by policy gradient?
run:
  world: {kind: lookup, prompts: 64, answers: 32, classes: 2, gold: graded}
  policy: {layers: 2, width: 48, heads: 3, mlp: 128}
  reward:
    - {name: proxy, kind: planted, accuracy: 0.75}
  regime: {kind: grpo, steps: 400, prompts-per-step: 16, group: 8, learning-rate: 1.0e-3}
  meters: {every: 20, exact-every: 20}
factors:
  reward:
    # Gold's own values, some exchanged: an error at every height.
    - {level: planted}
    # A reward model of few, noisy labels: it is most wrong where it has seen least.
    - level: learned
      set: {reward.proxy: {name: proxy, kind: learned, mechanism: label-noise, level: 0.2, pairs: 2048}}
    # A reward model that learned a style for the thing.
    - level: styled
      set:
        world: {kind: match}
        reward.proxy: {name: proxy, kind: learned, style-correlation: 0.9, pairs: 1024}
  regime:
    - level: best-of-n
      set:
        regime.kind: best-of-n
        regime.n: [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512]
    - {level: grpo}
seeds: 8
controls: {a-a: true, placebo: true, of: {reward: planted}}
analyses:
  - {kind: overoptimization, factor: reward, within: regime}
  - {kind: levels, outcome: exact.gold, factor: reward, within: regime}
  - kind: curves
    factor: reward
    within: regime
    where: {regime: grpo}
    meters: [exact.gold, exact.reward, exact.kl, reward-gold.correlation]
verdicts: {margin: 0.02, level: 0.95}

"""###),
        ("prompt-blind", ###"""
study: prompt-blind
title: A reward model that does not read the prompt
question: >
  Does a reward that learned a style in place of the content look good in a test and train a bad policy?
run:
  world: {kind: match, contents: 8, styles: 4, lengths: 4, noise: 8, base-fit: 0.3}
  policy: {layers: 2, width: 48, heads: 3, mlp: 128}
  reward:
    - {name: proxy, kind: learned, style-correlation: 0, pairs: 2048}
  regime: {kind: grpo, steps: 300, prompts-per-step: 16, group: 8, learning-rate: 1.0e-3}
  meters: {every: 15, exact-every: 15}
factors:
  regime:
    - {level: best-of-n, set: {regime.kind: best-of-n, regime.n: [1, 2, 4, 8, 16, 32, 64, 128]}}
    - {level: grpo}
  # How style and label correlate in the pairs that the reward model is trained on.
  style-correlation:
    - {level: 0}
    - {level: 0.8, set: {reward.proxy.style-correlation: 0.8}}
    - {level: 0.95, set: {reward.proxy.style-correlation: 0.95}}
    - {level: 1, set: {reward.proxy.style-correlation: 1}}
seeds: 8
controls: {a-a: true, placebo: true, of: {style-correlation: 0}}
analyses:
  - {kind: prompt-blind, factor: style-correlation, within: regime, outcome: exact.gold, baseline: 0}
  - {kind: levels, outcome: exact.gold, factor: style-correlation, within: regime}
  - kind: curves
    factor: style-correlation
    within: regime
    where: {regime: grpo}
    meters: [exact.gold, exact.reward, exact.kl, reward-gold.correlation, length.mean]
verdicts: {margin: 0.02, level: 0.95}

"""###),
        ("regimes", ###"""
study: regimes
title: One reward, seven regimes
question: >
  Is it the algorithm or whose samples it learns from that decides what a reward does to a policy, at equal KL and at equal steps?
run:
  world: {kind: lookup, prompts: 64, answers: 32, classes: 2, gold: graded}
  policy: {layers: 2, width: 48, heads: 3, mlp: 128}
  reward:
    - {name: proxy, kind: planted, accuracy: 0.8}
  regime: {kind: grpo, data: on-policy, steps: 300, prompts-per-step: 16, group: 8, learning-rate: 1.0e-3}
  meters: {every: 15, exact-every: 16}
factors:
  regime:
    - {level: grpo on-policy}
    - {level: grpo stale, set: {regime.data: stale}}
    # The clip holds the policy near the reference that sampled; without it the same data push further.
    - {level: grpo stale unclipped, set: {regime.data: stale, regime.clip: 0}}
    - {level: dpo on-policy, set: {regime.kind: dpo, regime.beta: 0.1}}
    - {level: dpo stale, set: {regime.kind: dpo, regime.beta: 0.1, regime.data: stale}}
    - level: best-of-n
      set: {regime.kind: best-of-n, regime.n: [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 128, 256]}
    # The optimal policy of E[r] − β·KL for β from ∞ down to 0.02.
    - {level: tilt, set: {regime.kind: tilt, regime.beta: 0.02}}
seeds: 8
controls: {a-a: true, placebo: true, of: {regime: grpo on-policy}}
analyses:
  - kind: equal-divergence
    factor: regime
    outcome: exact.gold
    at: [0.5, 1, 2]
    baseline: grpo on-policy
  - {kind: levels, outcome: exact.gold, factor: regime}
  - kind: curves
    factor: regime
    where: {regime: [grpo on-policy, grpo stale, grpo stale unclipped, dpo on-policy, dpo stale]}
    meters: [exact.gold, exact.reward, exact.kl, exact.entropy]
verdicts: {margin: 0.02, level: 0.95}

"""###),
        ("withdrawal", ###"""
# Each piece with a sham that costs as much and tells nothing: 'without' is the sham.
study: withdrawal
title: What remains when a piece is taken away
question: >
  Which pieces of a training run end up in the weights, and which only work while they are there?
run:
  # So many prompts and one right answer each, so that a hint has something to give: of few prompts what a hint tells is soon learned anyway.
  world: {kind: lookup, prompts: 256, answers: 32, classes: 2, gold: binary}
  policy: {layers: 2, width: 48, heads: 3, mlp: 128}
  reward:
    - {name: proxy, kind: gold}
  regime: {kind: grpo, steps: 320, prompts-per-step: 16, group: 8, learning-rate: 1.0e-3}
  meters: {every: 20, exact-every: 20}
factors:
  arm:
    # A verifier chooses the best by gold of four samples, and the policy is trained on what it chose. All are kept, so
    # that nothing but the verifier selects; its sham takes the first of the four.
    - level: verifier
      set:
        pieces: [{kind: verifier, size: 4, training: real}]
        regime: {kind: rejection-ft, keep: 1, steps: 320, prompts-per-step: 16, group: 8, learning-rate: 1.0e-3}
    - level: sham verifier
      set:
        pieces: [{kind: verifier, size: 4, training: sham}]
        regime: {kind: rejection-ft, keep: 1, steps: 320, prompts-per-step: 16, group: 8, learning-rate: 1.0e-3}
    # The gold answer before the prompt, in every step; its sham is another prompt's.
    - {level: constant hint, set: {pieces: [{kind: hint, start: 1, end: 1, training: real}]}}
    - {level: sham constant hint, set: {pieces: [{kind: hint, start: 1, end: 1, training: sham}]}}
    # The same for a share of the prompts that falls from all to none.
    - {level: faded hint, set: {pieces: [{kind: hint, start: 1, end: 0, training: real}]}}
    - {level: sham faded hint, set: {pieces: [{kind: hint, start: 1, end: 0, training: sham}]}}
    # A teacher for 160 steps, then policy gradient on an imperfect reward; the sham teacher is the reference itself.
    - level: teacher
      set:
        reward.proxy: {name: proxy, kind: planted, accuracy: 0.7}
        regime: {kind: distill, teacher: gold, beta: 0.1, steps: 320, prompts-per-step: 16, group: 8, learning-rate: 1.0e-3}
        interventions: [{at: 160, regime: {kind: grpo}}]
    - level: sham teacher
      set:
        reward.proxy: {name: proxy, kind: planted, accuracy: 0.7}
        regime: {kind: distill, teacher: reference, beta: 0.1, steps: 320, prompts-per-step: 16, group: 8, learning-rate: 1.0e-3}
        interventions: [{at: 160, regime: {kind: grpo}}]
    # A bonus beside the reward for 160 steps; the sham deals its values out at random.
    - level: gold bonus
      set:
        reward: [{name: proxy, kind: planted, accuracy: 0.7}, {name: bonus, kind: gold, weight: 1, until: 160}]
    - level: sham gold bonus
      set:
        reward:
          - {name: proxy, kind: planted, accuracy: 0.7}
          - {name: bonus, kind: sham, members: [{kind: gold}], weight: 1, until: 160}
    - level: diversity bonus
      set:
        reward:
          - {name: proxy, kind: planted, accuracy: 0.7}
          - {name: bonus, kind: bonus, source: diversity, weight: 0.5, until: 160}
    - level: sham diversity bonus
      set:
        reward:
          - {name: proxy, kind: planted, accuracy: 0.7}
          - {name: bonus, kind: sham, members: ["bonus:diversity"], weight: 0.5, until: 160}
seeds: 8
controls: {a-a: true, placebo: true, of: {arm: constant hint}}
analyses:
  - kind: withdrawal
    factor: arm
    pairs:
      - {piece: verifier, with: verifier, without: sham verifier}
      - {piece: constant hint, with: constant hint, without: sham constant hint}
      - {piece: faded hint, with: faded hint, without: sham faded hint}
  - kind: removal
    factor: arm
    outcome: exact.gold
    at: 160
    after: 160
    pairs:
      - {piece: distillation, with: teacher, without: sham teacher}
      - {piece: gold bonus, with: gold bonus, without: sham gold bonus}
      - {piece: diversity bonus, with: diversity bonus, without: sham diversity bonus}
  - {kind: levels, outcome: exact.gold, factor: arm}
verdicts: {margin: 0.02, level: 0.95}

"""###),
    ]
}
