{{ config(materialized='view') }}

with

based as (
    select * from {{ ref('int_score_line__based') }}
    where method = 'tiered' and basis_units is not null
),

-- Told in one direction: where less is better, all figures change their sign.
tiers as (
    select
        paper_code,
        item_code,
        {{ ten_thousandths('reached_at') }} as reached_units,
        {{ thousandths('points') }} as tier_points
    from {{ ref('score_item_tiers') }}
),

directed as (
    select
        based.stage_code,
        based.unit_code,
        based.score_kind,
        based.item_code,
        based.interpolation,
        tiers.tier_points,
        case when based.direction = 'at_most' then -based.basis_units else based.basis_units end as basis_units,
        case when based.direction = 'at_most' then -tiers.reached_units else tiers.reached_units end as reached_units
    from based
    inner join tiers
        on
            based.paper_code = tiers.paper_code
            and based.item_code = tiers.item_code
),

neighboured as (
    select
        stage_code,
        unit_code,
        score_kind,
        item_code,
        interpolation,
        basis_units,
        reached_units,
        tier_points,
        row_number() over (
            partition by stage_code, unit_code, score_kind, item_code
            order by case when reached_units <= basis_units then 1 else 0 end desc, reached_units desc
        ) as nearness,
        lead(reached_units) over (
            partition by stage_code, unit_code, score_kind, item_code order by reached_units
        ) as next_units,
        lead(tier_points) over (
            partition by stage_code, unit_code, score_kind, item_code order by reached_units
        ) as next_points
    from directed
),

final as (
    select
        stage_code,
        unit_code,
        score_kind,
        item_code,
        case
            when basis_units < reached_units then 0
            when interpolation = 'linear' and next_units is not null
                then tier_points + {{ half_up_signed(
                    '(basis_units - reached_units) * (next_points - tier_points)', '(next_units - reached_units)'
                ) }}
            else tier_points
        end as tier_points
    from neighboured
    where nearness = 1
)

select * from final
