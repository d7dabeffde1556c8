{#- How many bands a paper may have; a test holds the seed to it. -#}
{%- set band_count = 9 -%}
{{ config(materialized='view') }}

with

ranked as (
    select * from {{ ref('int_stage__ranked') }}
    where unranked_reason is null
),

papers as (
    select * from {{ ref('papers') }}
    where score_kind = 'own'
),

bands as (
    select
        papers.paper_code,
        papers.unit_level,
        all_bands.band_code,
        all_bands.sort_order,
        all_bands.lower_score,
        all_bands.lower_share,
        all_bands.max_unit_share,
        all_bands.ties
    from papers
    inner join {{ ref('bands') }} as all_bands
        on
            papers.paper_code = all_bands.paper_code
            and all_bands.unit_level in (papers.unit_level, 'all')
),

-- The units that share out the bands among themselves: the whole level, or those ranked together.
scoped as (
    select
        ranked.stage_code,
        ranked.paper_code,
        ranked.unit_code,
        ranked.unit_level,
        ranked.veto_band_order,
        ranked.score,
        ranked.max_score,
        concat_ws(
            '|', ranked.stage_code, ranked.unit_level,
            case when papers.band_scope = 'peers' then ranked.batch_code end,
            case when papers.band_scope = 'peers' then ranked.street_class end
        ) as scope_key,
        case when papers.band_scope = 'peers' then ranked.score_rank else ranked.level_rank end as place
    from ranked
    inner join papers
        on
            ranked.paper_code = papers.paper_code
            and ranked.unit_level = papers.unit_level
),

-- Places among those whom no veto keeps from a band; how many stand there or before, ties together.
placed as (
    select
        *,
        count(*) over (
            partition by scope_key order by place range between unbounded preceding and current row
        ) as place_end
    from scoped
    where veto_band_order is null
),

scopes as (
    select
        scope_key,
        min(paper_code) as paper_code,
        min(unit_level) as unit_level,
        count(*) as unit_count
    from scoped
    group by scope_key
),

-- How many units, counted from the top, reach the scores that a band asks for.
eligible as (
    select
        placed.scope_key,
        bands.sort_order,
        count(*) as eligible_count
    from placed
    inner join bands
        on
            placed.paper_code = bands.paper_code
            and placed.unit_level = bands.unit_level
            and placed.score >= coalesce({{ thousandths('bands.lower_score') }}, placed.score)
            and 1000 * cast(placed.score as bigint) >= coalesce(bands.lower_share, 0) * cast(placed.max_score as bigint)
    group by placed.scope_key, bands.sort_order
),

ends as (
    select distinct
        scope_key,
        place_end
    from placed
),

-- Band after band takes its share of the ranked units from those that are left. Where the last place is tied, the tie
-- stays out, or comes in as a whole, as the band says.
taken_0 as (
    select
        scope_key,
        paper_code,
        unit_level,
        unit_count,
        cast(0 as bigint) as taken
    from scopes
),
{% for number in range(1, band_count + 1) %}
wanted_{{ number }} as (
    select
        so_far.scope_key,
        so_far.paper_code,
        so_far.unit_level,
        so_far.unit_count,
        so_far.taken,
        bands.ties,
        least(
            coalesce(eligible.eligible_count, 0),
            so_far.taken
            + coalesce({{ whole_quotient('bands.max_unit_share * so_far.unit_count', '1000') }}, so_far.unit_count)
        ) as wanted
    from taken_{{ number - 1 }} as so_far
    left join bands
        on
            so_far.paper_code = bands.paper_code
            and so_far.unit_level = bands.unit_level
            and bands.sort_order = {{ number }}
    left join eligible
        on
            so_far.scope_key = eligible.scope_key
            and eligible.sort_order = {{ number }}
),

taken_{{ number }} as (
    select
        wanted_{{ number }}.scope_key,
        wanted_{{ number }}.paper_code,
        wanted_{{ number }}.unit_level,
        wanted_{{ number }}.unit_count,
        greatest(
            wanted_{{ number }}.taken,
            coalesce(
                case
                    when min(wanted_{{ number }}.ties) = 'in'
                        then min(case when ends.place_end >= wanted_{{ number }}.wanted then ends.place_end end)
                    else max(case when ends.place_end <= wanted_{{ number }}.wanted then ends.place_end end)
                end,
                0
            )
        ) as taken
    from wanted_{{ number }}
    left join ends on wanted_{{ number }}.scope_key = ends.scope_key and wanted_{{ number }}.wanted > 0
    group by
        wanted_{{ number }}.scope_key, wanted_{{ number }}.paper_code, wanted_{{ number }}.unit_level,
        wanted_{{ number }}.unit_count, wanted_{{ number }}.taken, wanted_{{ number }}.wanted
),
{% endfor %}
all_taken as (
    {% for number in range(1, band_count + 1) %}
    select
        scope_key,
        {{ number }} as sort_order,
        taken
    from taken_{{ number }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

first_bands as (
    select
        placed.stage_code,
        placed.unit_code,
        min(all_taken.sort_order) as sort_order
    from placed
    inner join bands
        on
            placed.paper_code = bands.paper_code
            and placed.unit_level = bands.unit_level
    inner join all_taken
        on
            placed.scope_key = all_taken.scope_key
            and bands.sort_order = all_taken.sort_order
            and placed.place_end <= all_taken.taken
            and placed.score >= coalesce({{ thousandths('bands.lower_score') }}, placed.score)
            and 1000 * cast(placed.score as bigint) >= coalesce(bands.lower_share, 0) * cast(placed.max_score as bigint)
    group by placed.stage_code, placed.unit_code
),

-- Whom a veto confines gets the band of the veto, or a worse one when the score reaches no more.
confined as (
    select
        scoped.stage_code,
        scoped.unit_code,
        min(bands.sort_order) as sort_order
    from scoped
    inner join bands
        on
            scoped.paper_code = bands.paper_code
            and scoped.unit_level = bands.unit_level
            and scoped.veto_band_order <= bands.sort_order
            and scoped.score >= coalesce({{ thousandths('bands.lower_score') }}, scoped.score)
            and 1000 * cast(scoped.score as bigint) >= coalesce(bands.lower_share, 0) * cast(scoped.max_score as bigint)
    group by scoped.stage_code, scoped.unit_code
),

given as (
    select * from first_bands
    union all
    select * from confined
),

final as (
    select
        scoped.stage_code,
        scoped.unit_code,
        bands.band_code
    from scoped
    left join given
        on
            scoped.stage_code = given.stage_code
            and scoped.unit_code = given.unit_code
    left join bands
        on
            scoped.paper_code = bands.paper_code
            and scoped.unit_level = bands.unit_level
            and given.sort_order = bands.sort_order
)

select * from final
