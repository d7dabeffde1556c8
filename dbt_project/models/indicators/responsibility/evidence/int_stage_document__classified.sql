{{ config(materialized='view') }}

with

stages as (
    select * from {{ ref('stages') }}
),

periods as (
    select * from {{ ref('dim_period') }}
),

documents as (
    select * from {{ ref('fct_document') }}
    where form = 'committee'
),

classes as (
    select * from {{ ref('code_classes') }}
    where class_code in ('stage_goal', 'stage_priority', 'stage_measure')
),

-- The report of the last period lists what was in force in the stage; the day of issue says since when.
final as (
    select
        documents.submission_id,
        documents.unit_code,
        documents.period,
        documents.sheet,
        documents.row,
        stages.stage_code,
        documents.title,
        documents.issued_on,
        classes.class_code,
        concat(stages.stage_code, '/', documents.unit_code) as subject_key,
        classes.class_code is not null
        and coalesce(documents.issued_on < first_periods.starts_on, false) as is_issued_in_time
    from documents
    inner join stages
        on
            documents.period = stages.last_period
            and documents.stage_code = stages.stage_code
    inner join periods as first_periods on stages.first_period = first_periods.period
    left join classes
        on
            stages.rulebook_version = classes.rulebook_version
            and documents.document_kind = classes.value_zh
)

select * from final
