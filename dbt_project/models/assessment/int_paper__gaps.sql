{{ config(materialized='view') }}

with

papers as (
    select * from {{ ref('papers') }}
),

items as (
    select * from {{ ref('score_items') }}
),

bands as (
    select * from {{ ref('bands') }}
),

score_groups as (
    select * from {{ ref('score_groups') }}
),

nested_groups as (
    select * from {{ ref('int_score_group__nested') }}
),

subgroups as (
    select * from {{ ref('score_subgroups') }}
),

tiers as (
    select * from {{ ref('score_item_tiers') }}
),

kinds as (
    select * from {{ ref('score_item_kinds') }}
),

stages as (
    select * from {{ ref('stages') }}
),

-- The bands that the units of a level share out, whether given to it alone or to all levels.
level_bands as (
    select
        papers.paper_code,
        papers.unit_level,
        papers.score_floor,
        bands.band_code,
        bands.sort_order,
        bands.lower_score,
        bands.lower_share,
        bands.max_unit_share,
        row_number() over (
            partition by papers.paper_code, papers.unit_level order by bands.sort_order
        ) as place,
        row_number() over (
            partition by papers.paper_code, papers.unit_level order by bands.sort_order desc
        ) as place_from_last,
        count(*) over (partition by papers.paper_code, papers.unit_level, bands.band_code) as same_code_count
    from papers
    left join bands
        on
            papers.paper_code = bands.paper_code
            and bands.unit_level in (papers.unit_level, 'all')
    where papers.score_kind = 'own'
),

vetoes as (
    select
        paper_code,
        unit_level,
        paper_code as veto_of,
        veto_effect,
        veto_band_code
    from papers
    where score_kind = 'own'
    union all
    select
        items.paper_code,
        items.unit_level,
        items.item_code as veto_of,
        items.veto_effect,
        coalesce(items.veto_band_code, papers.veto_band_code) as veto_band_code
    from items
    inner join papers
        on
            items.paper_code = papers.paper_code
            and items.unit_level = papers.unit_level
            and items.score_kind = papers.score_kind
    where items.score_kind = 'own'
),

unknown_levels as (
    select
        paper_code,
        unit_level as item_code,
        'papers.csv, unit_level: there is no such level' as gap
    from papers
    where unit_level not in ('province', 'city', 'district', 'street')
),

stages_without_paper as (
    select
        stages.paper_code,
        stages.stage_code as item_code,
        'stages.csv, paper_code: the paper of the stage does not exist' as gap
    from stages
    left join papers on stages.paper_code = papers.paper_code
    where papers.paper_code is null
),

open_bands as (
    select
        paper_code,
        unit_level as item_code,
        'bands.csv, lower_score, lower_share, max_unit_share: the last band does not take whoever is left' as gap
    from level_bands
    where
        place_from_last = 1
        and (
            band_code is null
            or max_unit_share is not null
            or lower_score > coalesce(score_floor, lower_score - 1)
            or (lower_share is not null and (lower_share > 0 or coalesce(score_floor, -1) < 0))
        )
),

misplaced_bands as (
    select
        paper_code,
        band_code as item_code,
        'bands.csv, sort_order, band_code: the bands of a level are not numbered 1, 2, 3, or two have the same code' as gap
    from level_bands
    where sort_order <> place or same_code_count > 1
),

vetoes_without_band as (
    select
        vetoes.paper_code,
        vetoes.veto_of as item_code,
        'papers.csv or score_items.csv, veto_band_code: its veto confines to a band that the level does not have' as gap
    from vetoes
    left join level_bands
        on
            vetoes.paper_code = level_bands.paper_code
            and vetoes.unit_level = level_bands.unit_level
            and vetoes.veto_band_code = level_bands.band_code
    where vetoes.veto_effect = 'band' and level_bands.band_code is null
),

parts as (
    select
        paper_code,
        item_code,
        'score_item_tiers.csv, item_code: tiers are given for an item that is not in the paper, or not tiered' as gap,
        'tiered' as method,
        'tiered' as other_method
    from tiers
    union all
    select
        paper_code,
        item_code,
        'score_item_kinds.csv, item_code: kinds are given for an item that is not in the paper, or not counted by kind' as gap,
        'by_kind' as method,
        'deduction' as other_method
    from kinds
),

parts_without_item as (
    select distinct
        parts.paper_code,
        parts.item_code,
        parts.gap
    from parts
    left join items
        on
            parts.paper_code = items.paper_code
            and parts.item_code = items.item_code
            and items.method in (parts.method, parts.other_method)
    where items.item_code is null
),

-- Units would fall into the better band alone, however the next one is written.
overlapping_bands as (
    select
        later.paper_code,
        later.band_code as item_code,
        'bands.csv, lower_score, lower_share: it asks for as much as a better band of the level, or more' as gap
    from level_bands as later
    inner join level_bands as better
        on
            later.paper_code = better.paper_code
            and later.unit_level = better.unit_level
            and later.sort_order > better.sort_order
    where
        (later.lower_score >= better.lower_score or later.lower_share >= better.lower_share)
        and better.max_unit_share is null
),

crossed_tiers as (
    select distinct
        higher.paper_code,
        higher.item_code,
        concat(
            'score_item_tiers.csv, reached_at: tiers ', cast(lower.tier_no as string), ' and ', cast(higher.tier_no as string),
            ' are reached at the same value'
        ) as gap
    from tiers as lower
    inner join tiers as higher
        on
            lower.paper_code = higher.paper_code
            and lower.item_code = higher.item_code
            and lower.tier_no < higher.tier_no
    where lower.reached_at = higher.reached_at
),

misplaced_groups as (
    select
        paper_code,
        group_code as item_code,
        'score_subgroups.csv, parent_group_code: it lies in itself, or more than four groups lie in each other' as gap
    from nested_groups
    where depth is null
    union all
    select
        subgroups.paper_code,
        subgroups.group_code as item_code,
        'score_subgroups.csv, group_code, parent_group_code: one of the two groups is not in the paper' as gap
    from subgroups
    left join score_groups as child
        on
            subgroups.paper_code = child.paper_code
            and subgroups.group_code = child.group_code
    left join score_groups as parent
        on
            subgroups.paper_code = parent.paper_code
            and subgroups.parent_group_code = parent.group_code
    where child.group_code is null or parent.group_code is null
),

-- Rows of a file that are wrong in themselves.
wrong_figures as (
    select
        paper_code,
        item_code,
        'score_item_tiers.csv, reached_at, points: a tier needs a value that reaches it and points of at least 0' as gap
    from tiers
    where reached_at is null or points is null or points < 0
    union all
    select
        paper_code,
        item_code,
        'score_item_kinds.csv, points, cap: a kind needs points of at least 0, and its cap cannot be below nothing' as gap
    from kinds
    where points is null or points < 0 or cap < 0
    union all
    select
        paper_code,
        group_code as item_code,
        'score_groups.csv, points, cap, floor: points and cap cannot be below nothing, nor the floor above the cap' as gap
    from score_groups
    where points < 0 or cap < 0 or floor > cap
    union all
    select
        paper_code,
        unit_level as item_code,
        'papers.csv, score_floor, score_cap: the floor of the score lies above its cap' as gap
    from papers
    where score_floor > score_cap
    union all
    select
        paper_code,
        unit_level as item_code,
        'papers.csv, unit_level, score_kind: no item stands for this level and kind of score' as gap
    from papers
    where
        not exists (
            select 1
            from items
            where
                items.paper_code = papers.paper_code
                and items.unit_level = papers.unit_level
                and items.score_kind = papers.score_kind
        )
    union all
    select
        bands.paper_code,
        bands.band_code as item_code,
        'bands.csv, unit_level: the paper has no own score of this level' as gap
    from bands
    left join papers
        on
            bands.paper_code = papers.paper_code
            and bands.unit_level in (papers.unit_level, 'all')
            and papers.score_kind = 'own'
    where papers.paper_code is null
),

final as (
    select * from unknown_levels
    union all
    select * from stages_without_paper
    union all
    select * from open_bands
    union all
    select * from misplaced_bands
    union all
    select * from vetoes_without_band
    union all
    select * from parts_without_item
    union all
    select * from overlapping_bands
    union all
    select * from crossed_tiers
    union all
    select * from misplaced_groups
    union all
    select * from wrong_figures
)

select * from final
