{{ config(materialized='view') }}

with

documents as (
    select * from {{ ref('fct_document') }}
),

periods as (
    select * from {{ ref('dim_period') }}
),

classes as (
    select * from {{ ref('code_classes') }}
),

documents_of_units as (
    {{ with_carried_reports('documents', [
        'submission_id', 'sheet', 'row', 'title', 'document_kind', 'issued_on', 'published_from', 'published_to',
        'publication_scope'
    ]) }}
),

-- The plans of a year: issued in it and by the end of the period, whichever report of the year lists them.
plans as (
    select
        documents_of_units.submission_id,
        documents_of_units.unit_code,
        periods.period,
        documents_of_units.sheet,
        documents_of_units.row,
        documents_of_units.title,
        documents_of_units.issued_on,
        documents_of_units.published_from,
        documents_of_units.publication_scope,
        periods.year,
        periods.rulebook_version,
        least(coalesce(documents_of_units.published_to, periods.ends_on), periods.ends_on) as published_up_to,
        coalesce(documents_of_units.published_from <= periods.ends_on, false) as is_published
    from documents_of_units
    inner join periods as reported_in on documents_of_units.period = reported_in.period
    inner join periods
        on
            reported_in.year = periods.year
            and reported_in.quarter <= periods.quarter
            and documents_of_units.issued_on <= periods.ends_on
            and extract(year from documents_of_units.issued_on) = periods.year
    inner join classes
        on
            periods.rulebook_version = classes.rulebook_version
            and classes.class_code = 'work_plan'
            and documents_of_units.document_kind = classes.value_zh
),

final as (
    select
        plans.submission_id,
        plans.unit_code,
        plans.period,
        plans.sheet,
        plans.row,
        plans.title,
        plans.issued_on,
        plans.is_published,
        concat(plans.unit_code, '/', cast(plans.year as string)) as subject_key,
        concat(plans.title, '/', cast(plans.issued_on as string)) as plan_key,
        {{ days_between('make_date(plans.year, 1, 1)', 'plans.issued_on') }} + 1 as issue_day,
        case
            when plans.is_published
                then {{ days_between('plans.published_from', 'plans.published_up_to') }} + 1
        end as published_day_count,
        plans.is_published and wide.value_zh is not null as is_published_widely,
        true as is_plan
    from plans
    left join classes as wide
        on
            plans.rulebook_version = wide.rulebook_version
            and wide.class_code = 'wide_publication'
            and plans.publication_scope = wide.value_zh
)

select * from final
