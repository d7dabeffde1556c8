{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook='{{ forget_changed_stages() }}'
) }}

with

items as (
    select * from {{ ref('int_score_item__in_stage') }}
    where reads in ('fact', 'record') and {{ changed_stages_filter('stage_code') }}
),

stage_units as (
    select * from {{ ref('int_stage__roster') }}
    where {{ changed_stages_filter('stage_code') }}
),

fact_counts as (
    {{ counts_of_facts() }}
),

-- What a street reported before it got another code, or went into this one, adds up with what came after.
counts_of_units as (
    {{ with_carried_reports('fact_counts', ['fact_name', 'kind_column', 'flag_column', 'kind_value', 'row_count']) }}
),

records as (
    select * from {{ ref('stg_ledger__decision_record') }}
    where kind = 'case'
),

staged as (
    select
        items.stage_code,
        items.unit_level,
        items.score_kind,
        items.item_code,
        items.over_periods,
        counts_of_units.unit_code,
        counts_of_units.period,
        counts_of_units.kind_value,
        counts_of_units.row_count,
        stage_units.last_due_period
    from items
    inner join counts_of_units
        on
            items.reads_code = counts_of_units.fact_name
            and items.kind_column = counts_of_units.kind_column
            and items.flag_column = counts_of_units.flag_column
            and counts_of_units.period between items.first_period and items.last_period
    inner join stage_units
        on
            items.stage_code = stage_units.stage_code
            and items.unit_level = stage_units.unit_level
            and counts_of_units.unit_code = stage_units.unit_code
    where items.reads = 'fact' and (items.over_periods = 'sum' or not counts_of_units.is_carried)
),

-- A register is told anew in every period: its latest state counts. Events of the periods add up.
counted as (
    select
        stage_code,
        unit_level,
        score_kind,
        item_code,
        unit_code,
        kind_value,
        sum(case when over_periods = 'sum' or period = last_due_period then row_count else 0 end) as case_count
    from staged
    group by stage_code, unit_level, score_kind, item_code, unit_code, kind_value
    union all
    select
        items.stage_code,
        items.unit_level,
        items.score_kind,
        items.item_code,
        records.unit_code,
        records.outcome as kind_value,
        count(*) as case_count
    from items
    inner join records
        on
            items.stage_code = records.stage_code
            and items.reads_code = records.rule_id
    where items.reads = 'record'
    group by
        items.stage_code, items.unit_level, items.score_kind, items.item_code, records.unit_code, records.outcome
)

select * from counted
where case_count > 0
