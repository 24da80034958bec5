/// How the page looks: one column, verdicts as cards, light and dark, on paper and on a phone.
enum StyleSheet {
    static let text = variables + layout + cards + figures + tables + small + SVGFigure.styleSheet + paper

    private static let variables = """
        :root{--ground:#fff;--panel:#f6f8fa;--ink:#1b1f24;--quiet:#57606a;--rule:#d5dae0;--link:#00629b;\
        --positive:#00704f;--negative:#b3400a;--neutral:#00629b;--open:#6b5b00}
        @media screen and (prefers-color-scheme:dark){:root{--ground:#15181c;--panel:#1d2126;--ink:#e8eaed;\
        --quiet:#a3abb5;--rule:#353c45;--link:#6bb9ea;--positive:#4dd0a9;--negative:#f5975a;--neutral:#6bb9ea;\
        --open:#e3c65b}}

        """

    private static let layout = """
        *{box-sizing:border-box}
        html{-webkit-text-size-adjust:100%}
        body{margin:0 auto;padding:2rem 1.25rem 3rem;max-width:58rem;background:var(--ground);color:var(--ink);\
        font:1rem/1.5 \(SVGFigure.fonts);\
        overflow-wrap:break-word}
        h1{font-size:1.75rem;line-height:1.2;margin:0 0 .5rem}
        h2{font-size:1.35rem;line-height:1.25;margin:0 0 .25rem}
        h3{font-size:1.05rem;line-height:1.3;margin:0 0 .35rem}
        h4{font-size:.95rem;line-height:1.3;margin:0 0 .25rem}
        p{margin:0 0 .5rem;max-width:46rem}
        a{color:var(--link)}
        a:focus-visible,.table:focus-visible{outline:2px solid var(--link);outline-offset:2px}
        section{margin-top:2.5rem}
        section+section{border-top:1px solid var(--rule);padding-top:2rem}
        .introduction,.question{color:var(--quiet);font-size:1.05rem}
        nav ol{padding-left:1.4rem;margin:1rem 0 0}
        nav li{margin:.35rem 0}
        footer{margin-top:3rem;border-top:1px solid var(--rule);padding-top:.75rem;color:var(--quiet);font-size:.85rem}
        .heard{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}

        """

    private static let cards = """
        .verdicts{list-style:none;margin:1.25rem 0 0;padding:0;display:grid;gap:.9rem;\
        grid-template-columns:repeat(auto-fit,minmax(min(100%,17rem),1fr))}
        .verdicts li{background:var(--panel);border-left:5px solid var(--tone);border-radius:4px;padding:.8rem 1rem}
        .verdicts h3{color:var(--tone);font-size:1.25rem;margin:.1rem 0 .4rem}
        .verdicts p:last-child{margin-bottom:0}
        .subject{color:var(--quiet);font-size:.85rem;margin:0}
        .rule{color:var(--quiet);font-size:.8rem;line-height:1.4}
        .sign{display:inline-block;min-width:1.35em;height:1.35em;line-height:1.35em;text-align:center;\
        border-radius:50%;background:var(--tone);color:var(--ground);font-weight:700;font-size:.8em;margin-right:.45em;\
        vertical-align:.08em}
        .chip{display:inline-block;color:var(--tone);font-size:.85rem;margin-left:.5rem}
        .positive{--tone:var(--positive)}.negative{--tone:var(--negative)}
        .neutral{--tone:var(--neutral)}.open{--tone:var(--open)}
        .cautions,.provenance{margin-top:2rem;font-size:.9rem}
        .cautions{border-left:5px solid var(--open);padding:.1rem 0 .1rem 1rem}
        .cautions ul{margin:0;padding-left:1.1rem;max-width:46rem}
        .provenance dl{margin:0;columns:24rem 2;column-gap:2rem}
        .provenance dl div{display:flex;gap:.75rem;break-inside:avoid;padding:.05rem 0}
        .provenance dt{color:var(--quiet);flex:0 0 7.5rem}
        .provenance dd{margin:0;overflow-wrap:anywhere;font-variant-numeric:tabular-nums}

        """

    private static let figures = """
        figure{margin:2.25rem 0 0}
        figcaption{color:var(--quiet);font-size:.9rem;max-width:46rem;margin-top:.35rem}
        .files{white-space:nowrap;font-size:.8rem}.files a{color:inherit;text-decoration-color:var(--rule)}
        .chart{display:block;width:100%;height:auto;overflow:visible}
        .chart.narrow{display:none;max-width:30rem}
        .chart.small{max-width:25rem}
        .grid{display:grid;gap:1.25rem 1.5rem;grid-template-columns:repeat(auto-fit,minmax(min(100%,16rem),1fr))}
        .grid figure{margin:0}
        .grid figcaption{font-size:.8rem}
        .group>figcaption{margin-top:.9rem}
        .legend{list-style:none;display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;margin:.25rem 0 .75rem;padding:0;\
        font-size:.9rem}
        .legend svg{vertical-align:-.1em;margin-right:.45em}

        """

    private static let tables = """
        .table{margin-top:2.25rem;overflow-x:auto}
        table{border-collapse:collapse;font-size:.92rem;font-variant-numeric:tabular-nums;min-width:min(100%,30rem)}
        caption{text-align:left;color:var(--quiet);font-size:.9rem;padding-bottom:.4rem;max-width:46rem}
        caption strong{display:block;color:var(--ink);font-size:1.05rem}
        th,td{text-align:left;padding:.3rem 1.1rem .3rem 0;vertical-align:baseline;font-weight:400}
        th:last-child,td:last-child{padding-right:.2rem}
        thead th{font-weight:600;border-bottom:1.5px solid var(--quiet);vertical-align:bottom}
        tbody tr{border-bottom:1px solid var(--rule)}
        th.number,td.number{text-align:right}
        td.number{white-space:nowrap}
        tbody th{min-width:6.5rem}

        """

    private static let small = """
        @media screen and (max-width:44rem){body{padding:1.25rem 1rem 2rem}h1{font-size:1.45rem}\
        .chart.wide{display:none}.chart.narrow{display:block}}

        """

    private static let paper = """

        @page{margin:16mm 14mm}
        @media print{body{max-width:none;padding:0;font-size:10pt}a{color:inherit;text-decoration:none}\
        .files,nav{display:none}figure,.verdicts li,tr,.cautions,.provenance,caption{break-inside:avoid}\
        h2,h3,h4,caption,thead,.question{break-after:avoid}.group{break-inside:auto}.table{overflow:visible}\
        .grid{grid-template-columns:repeat(3,1fr)}.verdicts{grid-template-columns:repeat(2,1fr)}\
        .verdicts li,.sign,.chart{print-color-adjust:exact;-webkit-print-color-adjust:exact}}

        """
}
