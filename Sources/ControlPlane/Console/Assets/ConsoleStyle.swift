/// The one style sheet: colours as properties in both themes, system fonts, no picture from elsewhere.
enum ConsoleStyle {
    static let text = #"""
        :root{color-scheme:light dark;
        --bg:light-dark(#f5f6f8,#0f141a);--panel:light-dark(#fff,#161d25);--raised:light-dark(#eef1f5,#1e2731);
        --text:light-dark(#19212c,#e4e9ef);--dim:light-dark(#556170,#9aa8b7);--line:light-dark(#dde2e8,#2a3440);
        --link:light-dark(#0b57a4,#82bdff);--accent:light-dark(#12507f,#2f7fc1);--on-accent:#fff;--focus:light-dark(#0b57a4,#8cc4ff);
        --red:light-dark(#a1101f,#ff9fa6);--red-bg:light-dark(#fce9eb,#40181d);--red-line:light-dark(#d33445,#e5606c);
        --orange:light-dark(#8f4400,#ffbd80);--orange-bg:light-dark(#fdefdf,#3c2711);--orange-line:light-dark(#dd7a1c,#e08e3e);
        --yellow:light-dark(#665400,#efd868);--yellow-bg:light-dark(#faf3d3,#353010);--yellow-line:light-dark(#c7a50b,#c3a92c);
        --grey:light-dark(#44525f,#b6c2cf);--grey-bg:light-dark(#e9edf1,#25303b);--grey-line:light-dark(#8b99a8,#6c7a89);
        --blue:light-dark(#0a4c8c,#94c9ff);--blue-bg:light-dark(#e3effb,#15304a);--blue-line:light-dark(#2f7fc9,#4f9de0);
        --green:light-dark(#12602d,#84dfa1);--green-bg:light-dark(#dff4e6,#123220);--green-line:light-dark(#2b9152,#3fa968);
        --radius:.5rem;--gap:1rem;--small:.8125rem;
        font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Liberation Sans",sans-serif;
        background:var(--bg);color:var(--text);-webkit-text-size-adjust:100%;scrollbar-color:var(--grey-line) transparent}
        :root[data-theme=light]{color-scheme:light}
        :root[data-theme=dark]{color-scheme:dark}
        *,*::before,*::after{box-sizing:border-box}
        body{margin:0;min-height:100vh;display:grid;grid-template-columns:minmax(0,1fr);grid-template-rows:auto 1fr}
        h1,h2,h3,p,ul,ol,dl,dd,figure,fieldset,pre{margin:0;padding:0}
        ul,ol{list-style:none}
        fieldset{border:0;min-width:0}
        h1{font-size:1.5rem;line-height:1.25;font-weight:650;overflow-wrap:anywhere}
        h2{font-size:1rem;line-height:1.35;font-weight:650;margin-bottom:.6rem}
        h3{font-size:.95rem;font-weight:650}
        a{color:var(--link);text-underline-offset:.15em}
        b{font-weight:650}
        code,pre,.code,.id{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono","Liberation Mono",monospace;font-size:.875em}
        abbr{text-decoration:none}
        .icon{width:1em;height:1em;flex:none;vertical-align:-.125em}
        .dim{color:var(--dim)}
        .small{font-size:var(--small)}
        .warn{color:var(--red)}
        .id{color:var(--dim);white-space:nowrap}
        .unseen:not(:focus):not(:active),.status{position:absolute;width:1px;height:1px;margin:-1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
        .skip{position:absolute;left:.5rem;top:-4rem;z-index:9;background:var(--panel);padding:.6rem 1rem;border-radius:var(--radius)}
        .skip:focus{top:.5rem}
        :focus-visible{outline:2px solid var(--focus);outline-offset:2px;border-radius:3px}
        main:focus{outline:none}

        /* The frame */
        .bar{display:flex;align-items:center;gap:.75rem;padding:.5rem .75rem;background:var(--panel);border-bottom:1px solid var(--line)}
        .bar.bare{justify-content:space-between}
        .brand{display:flex;align-items:center;gap:.5rem;font-weight:700;font-size:1.05rem;color:var(--text);text-decoration:none;min-height:44px;min-width:0;overflow:hidden}
        .brand span{overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
        .brand .icon{width:1.4rem;height:1.4rem;color:var(--accent)}
        .menu-button{margin-left:auto}
        .side{border:0;border-right:1px solid var(--line);background:var(--panel);color:var(--text);padding:.75rem;inset:0 auto 0 0;height:100%;max-height:none;width:min(20rem,85vw);margin:0;overflow:auto}
        .side:popover-open{display:flex;flex-direction:column;gap:.5rem}
        .side::backdrop{background:#0008}
        .side nav ul{display:grid;gap:2px}
        .side nav a,.me{display:flex;align-items:center;gap:.65rem;padding:.35rem .65rem;border-radius:var(--radius);color:var(--text);text-decoration:none;min-height:44px}
        .side nav a:hover,.me:hover{background:var(--raised)}
        .side a[aria-current=page]{background:var(--raised);font-weight:650;box-shadow:inset 3px 0 0 var(--accent)}
        .side nav .icon,.me .icon{color:var(--dim);width:1.1rem;height:1.1rem}
        .side a[aria-current=page] .icon{color:var(--accent)}
        .side nav{flex:1;display:flex;flex-direction:column;justify-content:space-between;gap:1rem}

        nav .me{margin-top:auto}
        .me small{display:block;color:var(--dim);line-height:1.2}
        .language{display:flex;gap:.25rem}
        .language button{border:0;background:none;color:var(--dim);min-height:44px;padding:.25rem .65rem;font-weight:400}
        .language button[aria-pressed=true]{color:var(--text);font-weight:650}
        main{padding:1rem .75rem 4rem;min-width:0;width:100%;max-width:88rem;display:flex;flex-direction:column;gap:var(--gap)}
        main>*,[data-live]>*{min-width:0}
        [data-live]{display:flex;flex-direction:column;gap:var(--gap)}
        .head{display:flex;flex-wrap:wrap;gap:.5rem 1rem;align-items:center;justify-content:space-between}
        .lead{color:var(--dim);max-width:70ch}
        .crumbs{font-size:var(--small)}
        .columns{display:grid;gap:var(--gap);grid-template-columns:minmax(0,1fr)}
        .columns>*{display:flex;flex-direction:column;gap:var(--gap);min-width:0}
        .halves{display:grid;gap:var(--gap);align-items:start}
        section,.verdict,.sheet,.folds,details.box,.stack.boxes>li{background:var(--panel);border:1px solid var(--line);border-radius:var(--radius);padding:.9rem 1rem;min-width:0}
        section section{border:0;padding:0;background:none}
        .line{display:flex;flex-wrap:wrap;gap:.25rem .6rem;align-items:center}
        .lead .icon,.line .icon{margin-right:.3em}
        .badge .icon{margin-right:0}
        .stack>li{padding:.55rem 0;border-top:1px solid var(--line)}
        .stack>li>.icon{margin-right:.4em}
        td .badge+.badge{margin-left:.35rem}
        td .line .badge{margin-left:0}
        .stack>li:first-child{border-top:0;padding-top:0}
        .stack>li:last-child{padding-bottom:0}
        .stack.boxes>li{padding:.9rem 1rem;display:grid;gap:.5rem}
        .boxes{display:grid;gap:.75rem}
        section:has(>.boxes){padding:0;border:0;background:none}
        .empty{display:flex;gap:.6rem;align-items:center;justify-content:center;padding:2.5rem 1rem;color:var(--dim);background:var(--panel);border:1px dashed var(--line);border-radius:var(--radius)}
        .notice{border-left:4px solid var(--blue-line);background:var(--blue-bg);color:var(--blue);padding:.6rem .9rem;border-radius:0 var(--radius) var(--radius) 0}
        .notice.good{border-color:var(--green-line);background:var(--green-bg);color:var(--green)}
        .notice.bad{border-color:var(--red-line);background:var(--red-bg);color:var(--red)}
        .offline{position:sticky;top:0;z-index:5;background:var(--yellow-bg);color:var(--yellow);padding:.4rem .75rem;border-radius:var(--radius)}

        /* Words with a colour and a shape */
        .badge{display:inline-flex;align-items:center;gap:.35em;font-size:var(--small);line-height:1.35;padding:.1rem .5rem;border-radius:1rem;white-space:nowrap;background:var(--grey-bg);color:var(--grey);text-decoration:none}
        .badge .icon{width:.75em;height:.75em}
        .badge.critical,.badge.triggered,.count.critical{background:var(--red-bg);color:var(--red)}
        .badge.high,.count.high{background:var(--orange-bg);color:var(--orange)}
        .badge.medium,.count.medium{background:var(--yellow-bg);color:var(--yellow)}
        .badge.low,.badge.quiet,.count.low{background:var(--grey-bg);color:var(--grey)}
        .badge.acknowledged{background:var(--blue-bg);color:var(--blue)}
        .badge.resolved{background:var(--green-bg);color:var(--green)}
        .count{font-size:var(--small);border-radius:.3rem;padding:.05rem .4rem;white-space:nowrap}
        a.line{text-decoration:none;gap:.3rem}
        a.badge:hover,a.line:hover .count{text-decoration:underline}
        .signals{display:grid;gap:.15rem;justify-items:start;font-size:var(--small)}
        td:has(>.signals){min-width:17rem}
        .signals .line{gap:.1rem .7rem}
        .signal{white-space:nowrap;font-variant-numeric:tabular-nums}
        .signal.bad{color:var(--red);font-weight:650}
        .spark{display:block;width:9rem;height:1.5rem;overflow:visible}
        .spark .base{stroke:var(--line)}
        .spark .rate{fill:none;stroke:var(--blue-line);stroke-width:1.5;stroke-linejoin:round}
        .spark .fill{fill:var(--blue-line);opacity:.14}
        .labels{display:flex;flex-wrap:wrap;gap:.25rem;font-size:var(--small)}
        .labels li{background:var(--raised);border-radius:.3rem;padding:.05rem .4rem;overflow-wrap:anywhere}
        .labels span{color:var(--dim);margin-right:.35em}
        .who,.chip{border-radius:.3rem;padding:.05rem .45rem;font-weight:500}
        .p0{background:light-dark(#dbe9fa,#1b3a5c)}.p1{background:light-dark(#fde3cf,#553215)}.p2{background:light-dark(#d9f1df,#1a4429)}
        .p3{background:light-dark(#eadffb,#3d2a5e)}.p4{background:light-dark(#fbdfe8,#57243a)}.p5{background:light-dark(#d4f0f0,#114446)}
        .p6{background:light-dark(#f4eccb,#4a4115)}.p7{background:light-dark(#e6e8eb,#343d47)}

        /* Overview */
        .verdict{display:flex;flex-wrap:wrap;gap:.75rem 2rem;align-items:center;justify-content:space-between;border-left-width:5px}
        .verdict.bad{border-left-color:var(--red-line)}.verdict.busy{border-left-color:var(--blue-line)}.verdict.calm{border-left-color:var(--green-line)}
        .headline{font-size:1.15rem;font-weight:650;display:flex;gap:.6rem;align-items:center}
        .bad .headline .icon{color:var(--red-line)}.busy .headline .icon{color:var(--blue-line)}.calm .headline .icon{color:var(--green-line)}
        .figures{display:flex;flex-wrap:wrap;gap:.25rem 1.5rem}
        .figures a{color:var(--dim);text-decoration:none;display:inline-block;padding:.2rem 0}
        .figures a:hover{text-decoration:underline}
        .figures b{font-size:1.25rem;color:var(--text);font-variant-numeric:tabular-nums}
        .cards{display:grid;gap:.6rem;grid-template-columns:repeat(auto-fill,minmax(min(20rem,100%),1fr))}
        .card{border:1px solid var(--line);border-left:4px solid var(--grey-line);border-radius:var(--radius);padding:.6rem .8rem;display:grid;gap:.3rem;align-content:start;background:var(--panel)}
        .card.critical{border-left-color:var(--red-line)}.card.high{border-left-color:var(--orange-line)}.card.medium{border-left-color:var(--yellow-line)}
        .card .id{margin-left:auto}
        .card .small{color:var(--dim)}
        .name{font-weight:600;overflow-wrap:anywhere}
        .name a{color:inherit}

        /* Tables */
        .table{overflow-x:auto;border:1px solid var(--line);border-radius:var(--radius);background:var(--panel)}
        section>.table{margin:0 -1rem .9rem;border-width:1px 0;border-radius:0}
        section>.table:last-child{margin-bottom:-.9rem;border-bottom-width:0;border-radius:0 0 var(--radius) var(--radius)}
        table{border-collapse:collapse;width:100%}
        th,td{text-align:left;vertical-align:top;padding:.5rem .75rem;border-bottom:1px solid var(--line);font-weight:400}
        thead th{font-size:var(--small);color:var(--dim);white-space:nowrap;background:var(--panel)}
        tbody th{font-weight:600}
        tbody tr:last-child>*{border-bottom:0}
        tbody tr:hover{background:color-mix(in srgb,var(--raised) 55%,transparent)}
        tbody tr:has(:focus-visible){background:var(--raised)}
        td time{white-space:nowrap}
        th .badge{margin-left:.5em}
        legend{padding:0}
        .chip abbr{margin-left:.35em}
        td .id,th .id{margin-left:.5em;font-weight:400}
        .wide-cell{min-width:16rem}
        .more{display:flex;gap:.5rem;justify-content:flex-end}

        /* Forms */
        button,.button,input,select,textarea{font:inherit;color:inherit;border:1px solid var(--grey-line);border-radius:.4rem;background:var(--panel);min-height:44px;padding:.35rem .8rem}
        button,.button{display:inline-flex;align-items:center;justify-content:center;gap:.4rem;cursor:pointer;text-decoration:none;color:var(--text);font-weight:550;background:var(--panel)}
        button:hover,.button:hover{background:var(--raised)}
        button.main,.button.main{background:var(--accent);border-color:var(--accent);color:var(--on-accent)}
        :root button.main,:root .button.main{--accent:light-dark(#12507f,#1f6aa8)}
        button.main:hover,.button.main:hover{background:color-mix(in srgb,var(--accent) 85%,#000)}
        button.danger{color:var(--red);border-color:var(--red-line)}
        input,textarea,select{width:100%;max-width:34rem}
        textarea{min-height:5rem;resize:vertical}
        input[type=checkbox],input[type=radio]{width:1.15rem;height:1.15rem;min-height:0;margin:0 .5rem 0 0;accent-color:var(--accent)}
        label,legend{font-weight:550;font-size:.9rem}
        .check{display:inline-flex;align-items:center;min-height:44px;font-weight:400;margin-right:1rem}
        .checks{display:flex;flex-wrap:wrap}
        .field{display:grid;gap:.25rem}
        .hint{color:var(--dim);font-size:var(--small)}
        .sheet{display:grid;gap:.85rem;max-width:38rem}
        .sheet>button{justify-self:start}
        details .sheet{border:0;padding:.75rem 0 0;background:none}
        section>.sheet{border:0;padding:0}
        .buttons{display:flex;flex-wrap:wrap;gap:.5rem}
        form.inline{display:inline-flex;gap:.4rem;flex-wrap:wrap}
        td form.inline :is(button,select){padding:.15rem .6rem;width:auto}
        .snippet pre{min-height:3.25rem}
        .filters{display:grid;gap:.6rem .75rem;grid-template-columns:1fr 1fr;align-items:end}
        .filters .field:has([type=search]){grid-column:1/-1}
        .filters button{justify-self:start}
        .folds{display:flex;flex-wrap:wrap;gap:.5rem;padding:0;border:0;background:none}
        details>summary{cursor:pointer}
        .folds details.form>summary,details.form>summary{display:inline-flex;align-items:center;min-height:44px;padding:.35rem .8rem;border:1px solid var(--line);border-radius:.4rem;background:var(--panel);font-weight:550;list-style:none}
        details.form>summary::-webkit-details-marker{display:none}
        details.form>summary::after{content:"▾";margin-left:.5rem;color:var(--dim)}
        details.form[open]>summary{background:var(--raised)}
        .folds details[open]{order:1;flex-basis:100%;border:1px solid var(--line);border-radius:var(--radius);padding:.75rem;background:var(--panel)}
        details.box>summary,.boxes summary{min-height:44px;display:list-item;padding:.6rem 0;font-weight:550}
        details.box{margin-top:.5rem;padding:0 1rem}
        details.box[open]{padding-bottom:1rem}
        fieldset.kinds{display:grid;gap:.75rem}
        .when-once,.when-again{display:grid;gap:.75rem}
        .kinds:has([value=once]:checked) .when-again,.kinds:has([value=weekly]:checked) :is(.when-once,.when-monthly),.kinds:has([value=monthly]:checked) :is(.when-once,.when-weekly){display:none}
        .gate{max-width:26rem;width:100%;margin:6vh auto 0;display:grid;gap:1rem}
        .gate .code{font-size:2.5rem;font-weight:700;color:var(--dim);line-height:1}

        /* Incident */
        .facts{display:grid;gap:.4rem}
        .facts>div{display:grid;grid-template-columns:minmax(6.5rem,10rem) minmax(0,1fr);gap:.75rem}
        .facts.tall>div{grid-template-columns:6rem minmax(0,1fr)}
        .facts dt{color:var(--dim)}
        .facts dd{overflow-wrap:anywhere}
        .steps{display:grid;gap:.2rem;margin-top:.4rem}
        .steps .dim{display:inline-block;min-width:4rem;font-variant-numeric:tabular-nums}
        .output{white-space:pre-wrap;overflow-wrap:anywhere}
        .timeline{display:grid}
        .timeline li{display:grid;grid-template-columns:4.6rem 1.4rem minmax(0,1fr);gap:.5rem;padding:.3rem 0;align-items:start}
        .timeline li.day{display:block;font-weight:650;font-size:var(--small);padding:.6rem 0 .3rem;border-bottom:1px solid var(--line)}
        .timeline time,.ledger time{color:var(--dim);font-variant-numeric:tabular-nums;font-size:var(--small);line-height:1.75}
        .timeline .icon{margin-top:.25rem;color:var(--grey-line)}
        .timeline p{overflow-wrap:anywhere;white-space:pre-wrap}
        .timeline .bad .icon{color:var(--red-line)}.timeline .warn .icon{color:var(--orange-line)}.timeline .good .icon{color:var(--green-line)}
        .timeline .human .icon{color:var(--blue-line)}.timeline .ship .icon{color:var(--yellow-line)}
        .timeline .warn{color:inherit}
        .timeline .quiet p{color:var(--dim)}
        .pages summary{min-height:44px;padding:.25rem 0}
        .stack.pages>li{padding:.1rem 0}
        .pages summary .line{display:inline-flex;vertical-align:middle}
        .ledger{border-left:2px solid var(--line);padding-left:.75rem;margin:.4rem 0}
        .chart{overflow-x:auto}
        .chart svg{display:block;width:100%;min-width:36rem;height:auto}
        .chart.columns-of svg{min-width:0;max-width:40rem}
        .chart text{font-size:11px;fill:var(--dim)}
        .grid{stroke:var(--line)}
        .tiles{display:grid;gap:.6rem;grid-template-columns:repeat(auto-fit,minmax(min(10rem,100%),1fr))}
        .tiles>div{background:var(--panel);border:1px solid var(--line);border-radius:var(--radius);padding:.75rem 1rem;display:flex;flex-direction:column;justify-content:space-between}
        .tiles dt{color:var(--dim);font-size:var(--small)}
        .tiles dd{font-size:1.5rem;font-weight:650;font-variant-numeric:tabular-nums}
        .legend{margin-bottom:.5rem}
        .column{fill:var(--grey-line)}
        .column.critical{fill:var(--red-line)}.column.high{fill:var(--orange-line)}.column.medium{fill:var(--yellow-line)}.column.length{fill:var(--blue-line)}
        .meter{display:block;width:6rem;height:.35rem;margin-top:.25rem}
        .meter rect{fill:var(--blue-line)}
        .area{fill:var(--red-line);opacity:.16}
        .trace{fill:none;stroke:var(--red-line);stroke-width:2}
        .mark line{stroke:var(--grey-line);stroke-width:1.5;stroke-dasharray:4 3}
        .chart .mark text{fill:var(--text)}
        .mark.released line{stroke:var(--blue-line);stroke-dasharray:none;stroke-width:2}.chart .mark.released text{fill:var(--blue);font-weight:650}
        .mark.returned line{stroke:var(--orange-line);stroke-dasharray:none;stroke-width:2}.chart .mark.returned text{fill:var(--orange);font-weight:650}
        .mark.resolved line{stroke:var(--green-line)}
        .snippet{position:relative;margin:.35rem 0}
        .snippet pre{overflow:auto;max-height:32rem;background:var(--raised);border-radius:var(--radius);padding:.75rem 1rem;line-height:1.45}
        .snippet .copy{position:absolute;top:.25rem;right:.25rem;padding:.15rem .6rem;font-size:var(--small)}
        .recipe{font-size:.9rem;font-weight:550;margin-top:.6rem}

        .code-picture svg{display:block;width:11rem;height:11rem;margin:.5rem 0;background:#fff;padding:.5rem;border-radius:var(--radius)}

        /* Calendar */
        .tabs{display:flex;flex-wrap:wrap;gap:.25rem;background:var(--raised);border-radius:.5rem;padding:.2rem}
        .tabs a{padding:.3rem .8rem;border-radius:.4rem;text-decoration:none;color:var(--text);min-height:44px;display:inline-flex;align-items:center}
        .tabs a[aria-current]{background:var(--panel);font-weight:650;box-shadow:0 1px 2px #0003}
        .calendar-bar{display:flex;flex-wrap:wrap;gap:.5rem 1rem;align-items:center;justify-content:space-between}
        .calendar-bar h2{margin:0;font-size:1.15rem}
        .calendar table{table-layout:fixed;min-width:44rem}
        .calendar td,.calendar th{border-right:1px solid var(--line);padding:.35rem .4rem}
        .calendar tr>:last-child{border-right:0}
        .calendar td{height:5.2rem}
        .calendar .outside{background:color-mix(in srgb,var(--raised) 45%,transparent)}
        .calendar .today{box-shadow:inset 0 2px 0 var(--accent)}
        .calendar .holiday{background:color-mix(in srgb,var(--yellow-bg) 50%,transparent)}
        .number{display:flex;justify-content:space-between;color:var(--dim);font-size:var(--small);margin-bottom:.2rem}
        .today .number time{color:var(--text);font-weight:700}
        .chips{display:grid;gap:.2rem}
        .chip{font-size:var(--small);overflow-wrap:anywhere;line-height:1.35}
        .chip span{font-variant-numeric:tabular-nums;opacity:.85}
        .chip.gap{background:var(--red-bg);color:var(--red);border:1px dashed var(--red-line)}
        .calendar .final>*{background:color-mix(in srgb,var(--raised) 45%,transparent)}
        dialog{border:1px solid var(--line);border-radius:var(--radius);background:var(--panel);color:var(--text);padding:1.25rem;max-width:30rem;width:calc(100% - 2rem)}
        dialog::backdrop{background:#0008}
        .keys{display:grid;gap:.3rem;margin:.5rem 0}
        .keys>div{display:flex;justify-content:space-between;gap:1rem}
        kbd{font:inherit;font-size:var(--small);border:1px solid var(--grey-line);border-bottom-width:2px;border-radius:.3rem;padding:.05rem .4rem;background:var(--raised)}

        @media (min-width:64rem){
        :root{font-size:14.5px}
        body:has(.side){grid-template-columns:14rem minmax(0,1fr);grid-template-rows:auto 1fr}
        .bar:not(.bare){grid-column:1;border-bottom:0;border-right:1px solid var(--line);padding:.75rem 1rem 0}
        .menu-button{display:none}
        .side[popover]{display:flex;flex-direction:column;gap:.5rem;position:sticky;top:0;grid-column:1;grid-row:2;width:auto;height:auto;max-height:calc(100vh - 3.5rem);align-self:start;min-height:calc(100vh - 3.5rem)}
        .side nav a,.me,.pages summary,.tabs a,.snippet .copy{min-height:2.25rem}
        .snippet pre{min-height:0}
        body:has(.side) main{grid-column:2;grid-row:1/3;padding:1.25rem 1.75rem 4rem}
        .columns{grid-template-columns:minmax(0,1fr) 21rem}
        .halves{grid-template-columns:1fr 1fr}
        button,.button,input,select{min-height:2.25rem}
        .check{min-height:2rem}
        .language button{min-height:2rem}
        details.form>summary,.folds details.form>summary{min-height:2.25rem}
        .filters{display:flex;flex-wrap:wrap}
        .filters .field:has([type=search]){flex:1 1 20rem;order:-1}
        .filters input{max-width:none}
        .filters select{width:auto;min-width:9rem;max-width:16rem}
        .filters .hint{position:absolute;transform:translateY(100%)}
        .filters:has(.hint){padding-bottom:1.25rem;position:relative}
        .filters .field{position:relative}
        .filters .hint{bottom:-.15rem;left:0}
        td form.inline button,td form.inline select{min-height:1.9rem}
        }
        @media (max-width:40rem){
        .bar.bare .language{margin-left:auto}
        .wide-cell{min-width:0}
        .timeline li{grid-template-columns:1.3rem minmax(0,1fr);gap:.1rem .5rem}
        .timeline li time{grid-column:2;grid-row:1}
        .timeline .icon{grid-column:1;grid-row:1}
        .timeline p{grid-column:2}
        .timeline li.day{display:block}
        .folds details.form>summary,.buttons>*{font-size:.9375rem}
        /* Rows become cards: each cell under the name of its column. */
        .table.list{overflow:visible}
        .table.list :is(table,tbody,tr,td,th){display:block}
        .table.list thead{display:none}
        .table.list tr{display:flex;flex-wrap:wrap;gap:.3rem .9rem;padding:.75rem .9rem;border-bottom:1px solid var(--line)}
        .table.list tr:last-child{border-bottom:0}
        .table.list :is(td,tbody th){padding:0;border:0}
        .table.list :is(.wide-cell,tbody th){flex-basis:100%}
        .table.list td:has(>.signals){flex-basis:100%;min-width:0}
        .table.list td:empty{display:none}
        .table.list td[data-label]:not(.wide-cell)::before{content:attr(data-label) " ";color:var(--dim);font-size:var(--small)}
        .table.list td:has(>:is(.badge,.line,form):first-child)::before,.table.list td:has(>div>form)::before{content:none!important}
        .table.list td form.inline button{min-height:44px;min-width:44px}
        }
        @media (prefers-reduced-motion:no-preference){.skip{transition:top .1s}button,.button{transition:background-color .1s}}
        @media (forced-colors:active){.badge,.count,.chip,.who{border:1px solid}}
        @media print{.side,.bar,.folds,.buttons,.filters,.more{display:none}body{display:block}}
        """#
}
